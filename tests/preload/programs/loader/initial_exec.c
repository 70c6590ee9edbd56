// link: -ldl
// A library with initial-exec TLS that comes while threads live: each finds it initialised, parked or not, whoever has
// loaded it; and so does the next one in its place.
#include <dlfcn.h>
#include <stdatomic.h>

#include "../../../programs/help.h"

enum { kThreads = 8 };
static pthread_barrier_t barrier;
static int* (*number)(void);
static int* (*zero)(void);
static atomic_int stop;

static void load(void) {
  void* lib = dlopen("lib_initial_exec.so", RTLD_NOW);
  if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  number = (int* (*)(void))dlsym(lib, "number_here");
  zero = (int* (*)(void))dlsym(lib, "zero_here");
}

static void* fresh(void* arg) {
  CHECK_EQ(*number(), 17);
  CHECK_EQ(*zero(), 0);
  *number() = 0;
  *zero() = 3;
  sleep_ms(1);
  CHECK_EQ(*number(), 0);
  return arg;
}

static void* waits(void* arg) {
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  return fresh(arg);
}

static void* spins(void* arg) {
  while (!atomic_load(&stop)) continue;
  return fresh(arg);
}

static void* loads(void* arg) {
  if (arg != NULL) dlclose(arg);
  load();
  return fresh(NULL);
}

static void round_by(int thread) {
  pthread_t t[kThreads];
  pthread_barrier_init(&barrier, NULL, kThreads);
  atomic_store(&stop, 0);
  for (int i = 1; i < kThreads; i++) t[i] = THREAD(waits, NULL);
  t[0] = THREAD(spins, NULL);
  pthread_barrier_wait(&barrier);
  if (thread) {
    JOIN(THREAD(loads, NULL));
  } else {
    load();
  }
  atomic_store(&stop, 1);
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  for (int i = 0; i < 3; i++) JOIN(THREAD(fresh, NULL));
}

int main(void) {
  round_by(0);
  void* lib = dlopen("lib_initial_exec.so", RTLD_NOW | RTLD_NOLOAD);
  CHECK(lib != NULL);
  dlclose(lib);
  dlclose(lib);
  round_by(1);
  JOIN(THREAD(fresh, NULL));
  return 0;
}
