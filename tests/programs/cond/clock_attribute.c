// covers: pthread_condattr_setclock pthread_condattr_getclock pthread_cond_init
// covers: pthread_cond_timedwait
// A condition made with CLOCK_MONOTONIC measures its timed waits on that clock.
#include "../help.h"

int main(void) {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t c;
  pthread_condattr_t attr;
  clockid_t clock = -1;
  int error, shared = -1;
  CHECK_OK(pthread_condattr_init(&attr));
  CHECK_OK(pthread_condattr_getclock(&attr, &clock));
  CHECK_EQ(clock, CLOCK_REALTIME);
  CHECK_OK(pthread_condattr_getpshared(&attr, &shared));
  CHECK_EQ(shared, PTHREAD_PROCESS_PRIVATE);
  CHECK_RET(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
  CHECK_OK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
  CHECK_OK(pthread_condattr_getclock(&attr, &clock));
  CHECK_EQ(clock, CLOCK_MONOTONIC);
  CHECK_OK(pthread_cond_init(&c, &attr));
  CHECK_OK(pthread_condattr_destroy(&attr));
  pthread_mutex_lock(&m);
  struct timespec at = deadline_ms(CLOCK_MONOTONIC, 25);
  while ((error = pthread_cond_timedwait(&c, &m, &at)) == 0) {
  }
  CHECK_EQ(error, ETIMEDOUT);
  CHECK(past(CLOCK_MONOTONIC, at));
  pthread_mutex_unlock(&m);
  CHECK_OK(pthread_cond_destroy(&c));
  return 0;
}
