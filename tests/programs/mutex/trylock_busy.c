// covers: pthread_mutex_trylock
// trylock says EBUSY while another thread holds the mutex, and takes it afterwards.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void* busy(void* arg) {
  for (int i = 0; i < 20; i++) CHECK_RET(pthread_mutex_trylock(&m), EBUSY);
  return arg;
}

static void* takes(void* arg) {
  CHECK_OK(pthread_mutex_trylock(&m));
  CHECK_RET(pthread_mutex_trylock(&m), EBUSY);
  CHECK_OK(pthread_mutex_unlock(&m));
  return arg;
}

int main(void) {
  CHECK_OK(pthread_mutex_lock(&m));
  JOIN(THREAD(busy, NULL));
  CHECK_OK(pthread_mutex_unlock(&m));
  for (int i = 0; i < 5; i++) JOIN(THREAD(takes, NULL));
  return 0;
}
