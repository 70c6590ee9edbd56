// covers: pthread_rwlock_timedrdlock pthread_rwlock_timedwrlock
// Timed readers and writers get the lock when its holder leaves in time.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static int open_now, writes;

static void* body(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20000);
  if ((intptr_t)arg % 3 == 0) {
    CHECK_OK(pthread_rwlock_timedwrlock(&l, &at));
    writes++;
  } else {
    CHECK_OK(pthread_rwlock_timedrdlock(&l, &at));
  }
  CHECK_EQ(open_now, 1);
  CHECK_OK(pthread_rwlock_unlock(&l));
  CHECK(!past(CLOCK_REALTIME, at));
  return NULL;
}

int main(void) {
  pthread_t t[15];
  CHECK_OK(pthread_rwlock_wrlock(&l));
  for (intptr_t i = 0; i < 15; i++) t[i] = THREAD(body, (void*)i);
  sleep_ms(10);
  open_now = 1;
  CHECK_OK(pthread_rwlock_unlock(&l));
  for (int i = 0; i < 15; i++) JOIN(t[i]);
  CHECK_EQ(writes, 5);
  return 0;
}
