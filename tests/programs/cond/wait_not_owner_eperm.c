// covers: pthread_cond_wait pthread_cond_timedwait
// Waiting with an errorcheck mutex that the caller does not own gives EPERM and does not wait.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void* body(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20000);
  CHECK_RET(pthread_cond_wait(&c, &m), EPERM);
  CHECK_RET(pthread_cond_timedwait(&c, &m, &at), EPERM);
  CHECK(!past(CLOCK_REALTIME, at));
  return arg;
}

int main(void) {
  JOIN(THREAD(body, NULL));
  CHECK_OK(pthread_mutex_lock(&m));
  JOIN(THREAD(body, NULL));
  CHECK_OK(pthread_mutex_unlock(&m));
  return 0;
}
