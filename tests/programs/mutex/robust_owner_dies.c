// covers: pthread_mutexattr_setrobust pthread_mutex_consistent pthread_mutex_lock
// A robust mutex whose holder ended gives EOWNERDEAD to the next, which makes it consistent.
#include "../help.h"

static pthread_mutex_t m;

static void* dies(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  return arg;
}

static void* waits(void* arg) {
  int error = pthread_mutex_lock(&m);
  if (error == EOWNERDEAD)
    CHECK_OK(pthread_mutex_consistent(&m));
  else
    CHECK_EQ(error, 0);
  CHECK_OK(pthread_mutex_unlock(&m));
  return arg ? arg : (void*)(intptr_t)error;
}

static void* holds_then_dies(void* arg) {
  CHECK_OK(pthread_mutex_lock(&m));
  pthread_t* t = arg;
  for (int i = 0; i < 4; i++) t[i] = THREAD(waits, NULL);
  sleep_ms(5);
  return NULL;
}

int main(void) {
  pthread_mutexattr_t attr;
  int robust = -1;
  pthread_mutexattr_init(&attr);
  CHECK_OK(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
  CHECK_OK(pthread_mutexattr_getrobust(&attr, &robust));
  CHECK_EQ(robust, PTHREAD_MUTEX_ROBUST);
  CHECK_OK(pthread_mutex_init(&m, &attr));
  for (int i = 0; i < 5; i++) {
    JOIN(THREAD(dies, NULL));
    CHECK_RET(i % 2 ? pthread_mutex_trylock(&m) : pthread_mutex_lock(&m), EOWNERDEAD);
    CHECK_OK(pthread_mutex_consistent(&m));
    CHECK_OK(pthread_mutex_unlock(&m));
    CHECK_OK(pthread_mutex_lock(&m));
    CHECK_OK(pthread_mutex_unlock(&m));
  }
  CHECK_RET(pthread_mutex_consistent(&m), EINVAL);
  pthread_t t[4];
  intptr_t sum = 0;
  JOIN(THREAD(holds_then_dies, t));
  for (int i = 0; i < 4; i++) sum += (intptr_t)JOIN(t[i]);
  CHECK_EQ(sum, EOWNERDEAD);
  CHECK_OK(pthread_mutex_destroy(&m));
  return 0;
}
