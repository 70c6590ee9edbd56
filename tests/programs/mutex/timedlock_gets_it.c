// covers: pthread_mutex_timedlock pthread_mutex_clocklock
// A timed lock is granted when the holder unlocks before the time, to one waiter after the other.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int held = 1;

static void* body(void* arg) {
  clockid_t clock = arg ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  struct timespec at = deadline_ms(clock, 20000);
  if (arg) {
    CHECK_OK(pthread_mutex_clocklock(&m, clock, &at));
  } else {
    CHECK_OK(pthread_mutex_timedlock(&m, &at));
  }
  CHECK(!past(clock, at));
  CHECK_EQ(held, 0);
  held = 1;
  sleep_ms(1);
  held = 0;
  CHECK_OK(pthread_mutex_unlock(&m));
  return NULL;
}

int main(void) {
  pthread_t t[10];
  CHECK_OK(pthread_mutex_lock(&m));
  for (intptr_t i = 0; i < 10; i++) t[i] = THREAD(body, (void*)(i % 2));
  sleep_ms(10);
  held = 0;
  CHECK_OK(pthread_mutex_unlock(&m));
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
