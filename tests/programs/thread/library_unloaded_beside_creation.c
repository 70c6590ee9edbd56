// covers: dlopen dlclose pthread_create
// link: -ldl
// Libraries with thread-local storage come and go while threads come and go.
#include "../help.h"

#include <dlfcn.h>

static int stop;
static __thread int zero;
static __thread int seven = 7;

static void* fresh(void* arg) {
  CHECK_EQ(zero, 0);
  CHECK_EQ(seven, 7);
  zero = 1;
  seven = 8;
  return arg;
}

static void* creates(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) JOIN(THREAD(fresh, NULL));
  return arg;
}

int main(void) {
  void* lib = dlopen("libgomp.so.1", RTLD_NOW);
  if (lib == NULL) SKIP("no libgomp.so.1");
  dlclose(lib);
  pthread_t t[3];
  for (int i = 0; i < 3; i++) t[i] = THREAD(creates, NULL);
  long long until = now_ms() + 300;
  while (now_ms() < until) {
    lib = dlopen("libgomp.so.1", RTLD_NOW | RTLD_LOCAL);
    CHECK(lib != NULL);
    sched_yield();
    CHECK_OK(dlclose(lib));
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < 3; i++) JOIN(t[i]);
  return 0;
}
