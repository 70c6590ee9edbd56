// covers: pthread_getschedparam pthread_setschedparam sched_getscheduler
// covers: sched_get_priority_max pthread_setconcurrency
// Threads are SCHED_OTHER with priority 0; a wrong priority gives EINVAL; SCHED_BATCH can be had by
// one thread.
#include "../help.h"

#include <sched.h>

static void* plain(void* arg) {
  int policy = -1;
  struct sched_param p;
  CHECK_OK(pthread_getschedparam(pthread_self(), &policy, &p));
  CHECK_EQ(policy, SCHED_OTHER);
  CHECK_EQ(p.sched_priority, 0);
  return arg;
}

static void* body(void* arg) {
  int policy = -1;
  struct sched_param p;
  plain(NULL);
  p.sched_priority = 1000;
  CHECK_RET(pthread_setschedparam(pthread_self(), SCHED_OTHER, &p), EINVAL);
  p.sched_priority = 0;
  CHECK_OK(pthread_setschedparam(pthread_self(), SCHED_BATCH, &p));
  sleep_ms(2);
  CHECK_OK(pthread_getschedparam(pthread_self(), &policy, &p));
  CHECK_EQ(policy, SCHED_BATCH);
  CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
  return arg;
}

int main(void) {
  JOIN(THREAD(body, NULL));
  for (int i = 0; i < 10; i++) JOIN(THREAD(plain, NULL));
  plain(NULL);
  CHECK_EQ(pthread_getconcurrency(), 0);
  CHECK_OK(pthread_setconcurrency(4));
  CHECK_EQ(pthread_getconcurrency(), 4);
  return 0;
}
