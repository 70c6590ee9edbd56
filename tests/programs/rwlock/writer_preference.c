// covers: pthread_rwlockattr_setkind_np pthread_rwlock_tryrdlock pthread_rwlock_timedrdlock
// With the non-recursive writer preference new readers wait while a writer does, which then comes
// first.
#include "../help.h"

static pthread_rwlock_t l;
static int written;

static void* writes(void* arg) {
  CHECK_OK(pthread_rwlock_wrlock(&l));
  written = 1;
  CHECK_OK(pthread_rwlock_unlock(&l));
  return arg;
}

static void* reads(void* arg) {
  CHECK_OK(pthread_rwlock_rdlock(&l));
  CHECK_EQ(written, 1);
  CHECK_OK(pthread_rwlock_unlock(&l));
  return arg;
}

int main(void) {
  pthread_rwlockattr_t attr;
  pthread_rwlockattr_init(&attr);
  CHECK_OK(pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
  CHECK_OK(pthread_rwlock_init(&l, &attr));
  CHECK_OK(pthread_rwlock_rdlock(&l));
  pthread_t w = THREAD(writes, NULL), r[5];
  /* The writer waits as soon as a new reader is kept out. */
  int error;
  for (;;) {
    struct timespec at = deadline_ms(CLOCK_REALTIME, 1);
    error = pthread_rwlock_timedrdlock(&l, &at);
    if (error) break;
    CHECK_OK(pthread_rwlock_unlock(&l));
    sleep_ms(1);
  }
  CHECK_EQ(error, ETIMEDOUT);
  CHECK_RET(pthread_rwlock_tryrdlock(&l), EBUSY);
  for (int i = 0; i < 5; i++) r[i] = THREAD(reads, NULL);
  sleep_ms(5);
  CHECK_EQ(written, 0);
  CHECK_OK(pthread_rwlock_unlock(&l));
  JOIN(w);
  for (int i = 0; i < 5; i++) JOIN(r[i]);
  CHECK_OK(pthread_rwlock_destroy(&l));
  return 0;
}
