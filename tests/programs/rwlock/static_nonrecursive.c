// covers: pthread_rwlock_rdlock pthread_rwlock_wrlock
// The static initialiser with writer preference works without init and lets everybody through in
// the end.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static int value;

static void* body(void* arg) {
  for (int i = 0; i < 100; i++) {
    if (arg) {
      CHECK_OK(pthread_rwlock_wrlock(&l));
      int seen = value;
      if (i % 25 == 0) sched_yield();
      value = seen + 1;
    } else {
      CHECK_OK(pthread_rwlock_rdlock(&l));
      int seen = value;
      if (i % 25 == 0) sleep_ms(1);
      CHECK_EQ(value, seen);
    }
    CHECK_OK(pthread_rwlock_unlock(&l));
  }
  return NULL;
}

int main(void) {
  pthread_t t[16];
  for (intptr_t i = 0; i < 16; i++) t[i] = THREAD(body, (void*)(intptr_t)(i % 4 == 0));
  for (int i = 0; i < 16; i++) JOIN(t[i]);
  CHECK_EQ(value, 400);
  return 0;
}
