// covers: pthread_rwlock_clockrdlock pthread_rwlock_clockwrlock
// The clock variants count on the clock they are given and refuse a CPU-time clock.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void* body(void* arg) {
  clockid_t clock = (clockid_t)(intptr_t)arg;
  struct timespec at = deadline_ms(clock, 15);
  CHECK_RET(pthread_rwlock_clockrdlock(&l, clock, &at), ETIMEDOUT);
  CHECK(past(clock, at));
  at = deadline_ms(clock, 15);
  CHECK_RET(pthread_rwlock_clockwrlock(&l, clock, &at), ETIMEDOUT);
  CHECK(past(clock, at));
  CHECK_RET(pthread_rwlock_clockrdlock(&l, CLOCK_PROCESS_CPUTIME_ID, &at), EINVAL);
  CHECK_RET(pthread_rwlock_clockwrlock(&l, CLOCK_PROCESS_CPUTIME_ID, &at), EINVAL);
  return NULL;
}

int main(void) {
  CHECK_OK(pthread_rwlock_wrlock(&l));
  pthread_t a = THREAD(body, (void*)(intptr_t)CLOCK_MONOTONIC);
  pthread_t b = THREAD(body, (void*)(intptr_t)CLOCK_REALTIME);
  JOIN(a);
  JOIN(b);
  CHECK_OK(pthread_rwlock_unlock(&l));
  struct timespec at = deadline_ms(CLOCK_MONOTONIC, 20000);
  CHECK_OK(pthread_rwlock_clockwrlock(&l, CLOCK_MONOTONIC, &at));
  CHECK_OK(pthread_rwlock_unlock(&l));
  CHECK_OK(pthread_rwlock_clockrdlock(&l, CLOCK_MONOTONIC, &at));
  CHECK_OK(pthread_rwlock_unlock(&l));
  return 0;
}
