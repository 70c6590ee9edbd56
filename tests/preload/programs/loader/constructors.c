// link: -ldl
// Several threads load and unload a library whose constructor and destructor start, await and join a thread.
#include <dlfcn.h>

#include "../../../programs/help.h"

static void* body(void* arg) {
  for (int i = 0; i < 6; i++) {
    void* lib = dlopen("lib_worker.so", i % 2 == 0 ? RTLD_NOW : RTLD_LAZY);
    if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
    int (*is_up)(void) = (int (*)(void))dlsym(lib, "worker_is_up");
    CHECK_EQ(is_up(), 4);
    void* plain = dlopen("lib_plain.so", RTLD_NOW);
    CHECK(plain != NULL);
    CHECK(((int (*)(void))dlsym(plain, "plain"))() >= 5);
    sleep_ms(1);
    CHECK_OK(dlclose(plain));
    CHECK_OK(dlclose(lib));
  }
  return arg;
}

int main(void) {
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  return 0;
}
