// covers: pthread_mutex_clocklock
// clocklock counts on the monotonic and the realtime clock and refuses a CPU-time clock.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void* body(void* arg) {
  clockid_t clock = (clockid_t)(intptr_t)arg;
  struct timespec at = deadline_ms(clock, 20);
  CHECK_RET(pthread_mutex_clocklock(&m, clock, &at), ETIMEDOUT);
  CHECK(past(clock, at));
  CHECK_RET(pthread_mutex_clocklock(&m, CLOCK_THREAD_CPUTIME_ID, &at), EINVAL);
  struct timespec bad = {0, -1};
  CHECK_RET(pthread_mutex_clocklock(&m, clock, &bad), EINVAL);
  return NULL;
}

int main(void) {
  CHECK_OK(pthread_mutex_lock(&m));
  pthread_t a = THREAD(body, (void*)(intptr_t)CLOCK_MONOTONIC);
  pthread_t b = THREAD(body, (void*)(intptr_t)CLOCK_REALTIME);
  JOIN(a);
  JOIN(b);
  CHECK_OK(pthread_mutex_unlock(&m));
  return 0;
}
