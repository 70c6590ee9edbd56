// covers: pthread_mutex_lock pthread_mutex_unlock pthread_mutex_timedlock
// An errorcheck mutex gives EDEADLK to its owner and EPERM to a thread that does not own it.
#include "../help.h"

static pthread_mutex_t m;

static void* other(void* arg) {
  CHECK_RET(pthread_mutex_unlock(&m), EPERM);
  CHECK_RET(pthread_mutex_trylock(&m), EBUSY);
  return arg;
}

static void* owner(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20000);
  CHECK_RET(pthread_mutex_unlock(&m), EPERM);
  CHECK_OK(pthread_mutex_lock(&m));
  CHECK_RET(pthread_mutex_lock(&m), EDEADLK);
  CHECK_RET(pthread_mutex_timedlock(&m, &at), EDEADLK);
  CHECK_RET(pthread_mutex_trylock(&m), EBUSY);
  sleep_ms(2);
  CHECK_RET(pthread_mutex_lock(&m), EDEADLK);
  JOIN(THREAD(other, NULL));
  CHECK_OK(pthread_mutex_unlock(&m));
  CHECK_RET(pthread_mutex_unlock(&m), EPERM);
  return arg;
}

int main(void) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
  CHECK_OK(pthread_mutex_init(&m, &attr));
  owner(NULL);
  JOIN(THREAD(owner, NULL));
  CHECK_OK(pthread_mutex_destroy(&m));
  return 0;
}
