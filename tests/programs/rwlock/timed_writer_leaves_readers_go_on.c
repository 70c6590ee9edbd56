// covers: pthread_rwlock_timedwrlock pthread_rwlockattr_setkind_np pthread_rwlock_rdlock
// Readers held up by a waiting writer go on when that writer gives up at its deadline.
#include "../help.h"

static pthread_rwlock_t l;

static void* writer(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 40);
  CHECK_RET(pthread_rwlock_timedwrlock(&l, &at), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  return arg;
}

static void* reader(void* arg) {
  CHECK_OK(pthread_rwlock_rdlock(&l));
  CHECK_OK(pthread_rwlock_unlock(&l));
  return arg;
}

int main(void) {
  pthread_rwlockattr_t attr;
  pthread_rwlockattr_init(&attr);
  pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  CHECK_OK(pthread_rwlock_init(&l, &attr));
  CHECK_OK(pthread_rwlock_rdlock(&l));
  pthread_t w = THREAD(writer, NULL), r[5];
  sleep_ms(5);
  for (int i = 0; i < 5; i++) r[i] = THREAD(reader, NULL);
  for (int i = 0; i < 5; i++) JOIN(r[i]);
  JOIN(w);
  CHECK_OK(pthread_rwlock_unlock(&l));
  CHECK_OK(pthread_rwlock_trywrlock(&l));
  return 0;
}
