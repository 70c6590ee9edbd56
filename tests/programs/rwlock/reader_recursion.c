// covers: pthread_rwlock_rdlock pthread_rwlockattr_setkind_np
// Under the default (reader) preference a reader may lock again though a writer waits.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static int written;

static void* writes(void* arg) {
  CHECK_OK(pthread_rwlock_wrlock(&l));
  written = 1;
  CHECK_OK(pthread_rwlock_unlock(&l));
  return arg;
}

static void* reads(void* arg) {
  CHECK_OK(pthread_rwlock_rdlock(&l));
  CHECK_OK(pthread_rwlock_unlock(&l));
  return arg;
}

int main(void) {
  CHECK_OK(pthread_rwlock_rdlock(&l));
  pthread_t w = THREAD(writes, NULL);
  sleep_ms(10);
  for (int i = 0; i < 10; i++) CHECK_OK(pthread_rwlock_rdlock(&l));
  JOIN(THREAD(reads, NULL));
  CHECK_EQ(written, 0);
  for (int i = 0; i < 11; i++) CHECK_OK(pthread_rwlock_unlock(&l));
  JOIN(w);
  CHECK_EQ(written, 1);
  return 0;
}
