// covers: pthread_rwlock_wrlock pthread_rwlock_rdlock
// The writer that asks again, for writing or reading, gets EDEADLK; the try forms get EBUSY.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void* body(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20000);
  CHECK_OK(pthread_rwlock_wrlock(&l));
  CHECK_RET(pthread_rwlock_wrlock(&l), EDEADLK);
  CHECK_RET(pthread_rwlock_rdlock(&l), EDEADLK);
  CHECK_RET(pthread_rwlock_timedwrlock(&l, &at), EDEADLK);
  CHECK_RET(pthread_rwlock_timedrdlock(&l, &at), EDEADLK);
  sleep_ms(1);
  CHECK_RET(pthread_rwlock_wrlock(&l), EDEADLK);
  CHECK_RET(pthread_rwlock_trywrlock(&l), EBUSY);
  CHECK_RET(pthread_rwlock_tryrdlock(&l), EBUSY);
  CHECK_OK(pthread_rwlock_unlock(&l));
  return arg;
}

int main(void) {
  body(NULL);
  JOIN(THREAD(body, NULL));
  return 0;
}
