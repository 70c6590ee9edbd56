// covers: pthread_mutexattr_setprotocol pthread_mutexattr_getprotocol pthread_mutex_lock
// Priority-inheritance mutexes exclude, try, and time out like others.
#include "../help.h"

static pthread_mutex_t m;
static int count;

static void* body(void* arg) {
  for (int i = 0; i < 100; i++) {
    CHECK_OK(pthread_mutex_lock(&m));
    int seen = count;
    if (i % 25 == 0) sleep_ms(1);
    count = seen + 1;
    CHECK_OK(pthread_mutex_unlock(&m));
  }
  return arg;
}

static void* refused(void* arg) {
  CHECK_RET(pthread_mutex_trylock(&m), EBUSY);
  struct timespec at = deadline_ms(CLOCK_REALTIME, 15);
  CHECK_RET(pthread_mutex_timedlock(&m, &at), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  return arg;
}

int main(void) {
  pthread_mutexattr_t attr;
  int protocol = -1;
  pthread_mutexattr_init(&attr);
  CHECK_OK(pthread_mutexattr_getprotocol(&attr, &protocol));
  CHECK_EQ(protocol, PTHREAD_PRIO_NONE);
  CHECK_OK(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
  CHECK_OK(pthread_mutex_init(&m, &attr));
  pthread_t t[8];
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  CHECK_EQ(count, 800);
  CHECK_OK(pthread_mutex_lock(&m));
  JOIN(THREAD(refused, NULL));
  CHECK_OK(pthread_mutex_unlock(&m));
  CHECK_OK(pthread_mutex_destroy(&m));
  return 0;
}
