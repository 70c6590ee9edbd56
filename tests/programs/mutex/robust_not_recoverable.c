// covers: pthread_mutexattr_setrobust pthread_mutex_unlock
// A robust mutex unlocked without having been made consistent is ENOTRECOVERABLE to all, then
// destroyable.
#include "../help.h"

static pthread_mutex_t m;

static void* dies(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  pthread_exit(arg);
}

static void* refused(void* arg) {
  CHECK_RET(pthread_mutex_lock(&m), ENOTRECOVERABLE);
  return arg;
}

int main(void) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  CHECK_OK(pthread_mutex_init(&m, &attr));
  JOIN(THREAD(dies, NULL));
  CHECK_RET(pthread_mutex_lock(&m), EOWNERDEAD);
  CHECK_OK(pthread_mutex_unlock(&m));
  refused(NULL);
  JOIN(THREAD(refused, NULL));
  CHECK_OK(pthread_mutex_destroy(&m));
  CHECK_OK(pthread_mutex_init(&m, NULL));
  CHECK_OK(pthread_mutex_lock(&m));
  CHECK_OK(pthread_mutex_unlock(&m));
  return 0;
}
