// covers: dlopen dlsym pthread_create
// link: -ldl
// A library with thread-local state that is loaded while threads live has fresh state in each of
// them.
#include "../help.h"

#include <dlfcn.h>

static pthread_barrier_t before, after;
static int (*get_max)(void);
static void (*set_num)(int);

static void* body(void* arg) {
  int i = (int)(intptr_t)arg;
  pthread_barrier_wait(&before);
  pthread_barrier_wait(&after);
  int first = get_max();
  set_num(i);
  sleep_ms(2);
  CHECK_EQ(get_max(), i);
  return (void*)(intptr_t)first;
}

int main(void) {
  pthread_t t[16];
  pthread_barrier_init(&before, NULL, 17);
  pthread_barrier_init(&after, NULL, 17);
  for (intptr_t i = 0; i < 16; i++) t[i] = THREAD(body, (void*)(i + 3));
  pthread_barrier_wait(&before);
  void* lib = dlopen("libgomp.so.1", RTLD_NOW);
  if (!lib) SKIP("no libgomp.so.1");
  get_max = (int (*)(void))dlsym(lib, "omp_get_max_threads");
  set_num = (void (*)(int))dlsym(lib, "omp_set_num_threads");
  CHECK(get_max && set_num);
  int fresh = get_max();
  set_num(2);
  pthread_barrier_wait(&after);
  for (int i = 0; i < 16; i++) CHECK_EQ((intptr_t)JOIN(t[i]), fresh);
  CHECK_EQ(get_max(), 2);
  return 0;
}
