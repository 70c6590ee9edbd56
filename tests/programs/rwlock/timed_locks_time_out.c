// covers: pthread_rwlock_timedrdlock pthread_rwlock_timedwrlock
// Timed locks give ETIMEDOUT never early, EINVAL for bad times, and the lock is sound afterwards.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void* waits(void* arg) {
  struct timespec bad = {1, 1000000000}, old = {1, 0};
  struct timespec at = deadline_ms(CLOCK_REALTIME, 15);
  if (arg) {
    CHECK_RET(pthread_rwlock_timedrdlock(&l, &at), ETIMEDOUT);
    CHECK(past(CLOCK_REALTIME, at));
    CHECK_RET(pthread_rwlock_timedrdlock(&l, &old), ETIMEDOUT);
    CHECK_RET(pthread_rwlock_timedrdlock(&l, &bad), EINVAL);
  }
  at = deadline_ms(CLOCK_REALTIME, 15);
  CHECK_RET(pthread_rwlock_timedwrlock(&l, &at), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  CHECK_RET(pthread_rwlock_timedwrlock(&l, &old), ETIMEDOUT);
  CHECK_RET(pthread_rwlock_timedwrlock(&l, &bad), EINVAL);
  return NULL;
}

int main(void) {
  struct timespec old = {1, 0};
  pthread_t t[6];
  for (intptr_t round = 0; round < 2; round++) {
    CHECK_OK(round ? pthread_rwlock_wrlock(&l) : pthread_rwlock_rdlock(&l));
    for (int i = 0; i < 6; i++) t[i] = THREAD(waits, (void*)round);
    for (int i = 0; i < 6; i++) JOIN(t[i]);
    CHECK_OK(pthread_rwlock_unlock(&l));
    CHECK_OK(pthread_rwlock_timedwrlock(&l, &old));
    CHECK_OK(pthread_rwlock_unlock(&l));
    CHECK_OK(pthread_rwlock_timedrdlock(&l, &old));
    CHECK_OK(pthread_rwlock_unlock(&l));
  }
  return 0;
}
