// link: -ldl
// A library with an IFUNC, bound at load or at the first call, which several threads make at once.
#include <dlfcn.h>

#include "../../../programs/help.h"

static pthread_barrier_t barrier;
static int (*chosen)(int);

static void* calls(void* arg) {
  pthread_barrier_wait(&barrier);
  CHECK_EQ(chosen(4), 5);
  return arg;
}

static void* loads(void* arg) {
  void* lib = dlopen("lib_chooses.so", arg != NULL ? RTLD_NOW : RTLD_LAZY);
  if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  chosen = (int (*)(int))dlsym(lib, "chosen");
  return lib;
}

int main(void) {
  for (int round = 0; round < 2; round++) {
    void* lib = JOIN(THREAD(loads, round == 0 ? NULL : &barrier));
    pthread_t t[6];
    pthread_barrier_init(&barrier, NULL, 6);
    for (int i = 0; i < 6; i++) t[i] = THREAD(calls, NULL);
    for (int i = 0; i < 6; i++) JOIN(t[i]);
    CHECK_OK(dlclose(lib));
  }
  return 0;
}
