// covers: pthread_cond_clockwait
// clockwait counts on the clock given per call, whatever the condition's own, and refuses others.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void* body(void* arg) {
  clockid_t clock = (clockid_t)(intptr_t)arg;
  struct timespec at = deadline_ms(clock, 20);
  int error;
  pthread_mutex_lock(&m);
  while ((error = pthread_cond_clockwait(&c, &m, clock, &at)) == 0) {
  }
  CHECK_EQ(error, ETIMEDOUT);
  CHECK(past(clock, at));
  CHECK_RET(pthread_cond_clockwait(&c, &m, CLOCK_PROCESS_CPUTIME_ID, &at), EINVAL);
  pthread_mutex_unlock(&m);
  return NULL;
}

int main(void) {
  pthread_t a = THREAD(body, (void*)(intptr_t)CLOCK_MONOTONIC);
  pthread_t b = THREAD(body, (void*)(intptr_t)CLOCK_REALTIME);
  JOIN(a);
  JOIN(b);
  return 0;
}
