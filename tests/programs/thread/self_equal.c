// covers: pthread_self pthread_equal
// pthread_self is what create handed out, is stable across blocking, and differs among the living.
#include "../help.h"

enum { kThreads = 64 };
static pthread_t ids[kThreads];
static pthread_barrier_t all;

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  ids[i] = pthread_self();
  pthread_barrier_wait(&all);
  sleep_ms(2);
  CHECK(pthread_equal(ids[i], pthread_self()));
  for (int k = 0; k < kThreads; k++) CHECK(k == i || !pthread_equal(ids[k], pthread_self()));
  pthread_barrier_wait(&all);
  return NULL;
}

int main(void) {
  pthread_t t[kThreads];
  pthread_t self = pthread_self();
  pthread_barrier_init(&all, NULL, kThreads);
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kThreads; i++) {
    JOIN(t[i]);
    CHECK(pthread_equal(t[i], ids[i]));
    CHECK(!pthread_equal(t[i], self));
  }
  CHECK(pthread_equal(self, pthread_self()));
  return 0;
}
