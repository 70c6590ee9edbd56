// covers: pthread_mutex_timedlock
// timedlock is never early, gives ETIMEDOUT at once for the past, EINVAL for bad times, and 0 when
// free whatever the time.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void* body(void* arg) {
  for (int i = 0; i < 3; i++) {
    struct timespec at = deadline_ms(CLOCK_REALTIME, 15);
    CHECK_RET(pthread_mutex_timedlock(&m, &at), ETIMEDOUT);
    CHECK(past(CLOCK_REALTIME, at));
  }
  struct timespec old = {1, 0}, bad = {1, 1000000000};
  CHECK_RET(pthread_mutex_timedlock(&m, &old), ETIMEDOUT);
  CHECK_RET(pthread_mutex_timedlock(&m, &bad), EINVAL);
  return arg;
}

int main(void) {
  pthread_t t[8];
  struct timespec old = {1, 0};
  CHECK_OK(pthread_mutex_lock(&m));
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  CHECK_OK(pthread_mutex_unlock(&m));
  CHECK_OK(pthread_mutex_timedlock(&m, &old));
  CHECK_OK(pthread_mutex_unlock(&m));
  return 0;
}
