// covers: pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock pthread_mutex_unlock
// A recursive mutex counts; others get it only after the last unlock, and may not unlock it.
#include "../help.h"

static pthread_mutex_t m;
static int free_now;

static void* tries(void* arg) {
  CHECK_RET(pthread_mutex_trylock(&m), arg ? 0 : EBUSY);
  CHECK_RET(pthread_mutex_unlock(&m), arg ? 0 : EPERM);
  return NULL;
}

static void* waits(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  CHECK_EQ(free_now, 1);
  CHECK_OK(pthread_mutex_unlock(&m));
  return arg;
}

int main(void) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
  CHECK_OK(pthread_mutex_init(&m, &attr));
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20000);
  for (int i = 0; i < 100; i++) {
    if (i % 3 == 0) CHECK_OK(pthread_mutex_lock(&m));
    if (i % 3 == 1) CHECK_OK(pthread_mutex_trylock(&m));
    if (i % 3 == 2) CHECK_OK(pthread_mutex_timedlock(&m, &at));
  }
  pthread_t t = THREAD(waits, NULL);
  for (int i = 0; i < 99; i++) CHECK_OK(pthread_mutex_unlock(&m));
  JOIN(THREAD(tries, NULL));
  sleep_ms(2);
  free_now = 1;
  CHECK_OK(pthread_mutex_unlock(&m));
  JOIN(t);
  JOIN(THREAD(tries, &m));
  CHECK_RET(pthread_mutex_unlock(&m), EPERM);
  CHECK_OK(pthread_mutex_destroy(&m));
  return 0;
}
