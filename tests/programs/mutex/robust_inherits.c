// covers: pthread_mutexattr_setrobust pthread_mutexattr_setprotocol pthread_mutex_consistent
// A robust mutex that inherits priorities, left by its holder: main makes it consistent and unlocks it, also when main has
// waited in between.
#include "../help.h"

static pthread_mutex_t m;
static pthread_barrier_t b;

static void* dies(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  pthread_barrier_wait(&b);
  pthread_barrier_wait(&b);
  return arg;
}

int main(void) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  CHECK_OK(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
  CHECK_OK(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
  CHECK_OK(pthread_mutex_init(&m, &attr));
  CHECK_OK(pthread_barrier_init(&b, NULL, 2));
  for (int i = 0; i < 20; i++) {
    pthread_t t = THREAD(dies, NULL);
    pthread_barrier_wait(&b);
    pthread_barrier_wait(&b);
    if (i % 2) sleep_ms(1);
    JOIN(t);
    CHECK_RET(pthread_mutex_lock(&m), EOWNERDEAD);
    CHECK_OK(pthread_mutex_consistent(&m));
    CHECK_OK(pthread_mutex_unlock(&m));
    CHECK_OK(pthread_mutex_lock(&m));
    CHECK_OK(pthread_mutex_unlock(&m));
  }
  CHECK_OK(pthread_mutex_destroy(&m));
  return 0;
}
