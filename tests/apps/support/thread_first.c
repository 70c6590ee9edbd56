// Preloaded into programs that may never make a thread: makes one at the start and in each forked child, since the
// library does nothing in a process that has none.
#include <pthread.h>

static void* nothing(void* arg) { return arg; }

static void make_one(void) {
  pthread_t t;
  if (pthread_create(&t, NULL, nothing, NULL) == 0) pthread_join(t, NULL);
}

__attribute__((constructor)) static void start(void) {
  make_one();
  pthread_atfork(NULL, NULL, make_one);
}
