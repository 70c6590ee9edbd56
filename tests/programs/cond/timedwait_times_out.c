// covers: pthread_cond_timedwait
// timedwait is never early, holds the mutex again afterwards, and refuses a bad time with EINVAL.
#include "../help.h"

static pthread_mutex_t m;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void* body(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20);
  int error;
  while ((error = pthread_cond_timedwait(&c, &m, &at)) == 0) {
  }
  CHECK_EQ(error, ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  CHECK_RET(pthread_mutex_lock(&m), EDEADLK);
  struct timespec bad = {1, 1000000000}, old = {1, 0};
  CHECK_RET(pthread_cond_timedwait(&c, &m, &bad), EINVAL);
  CHECK_RET(pthread_mutex_lock(&m), EDEADLK);
  CHECK_RET(pthread_cond_timedwait(&c, &m, &old), ETIMEDOUT);
  CHECK_OK(pthread_mutex_unlock(&m));
  return arg;
}

int main(void) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&m, &attr);
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  body(NULL);
  return 0;
}
