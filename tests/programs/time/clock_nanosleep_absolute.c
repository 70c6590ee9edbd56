// covers: clock_nanosleep
// Absolute sleeps end at or after their time on either clock, at once when it is past.
#include "../help.h"

static void* body(void* arg) {
  clockid_t clock = arg ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  for (int i = 0; i < 5; i++) {
    struct timespec at = deadline_ms(clock, 4 + i);
    CHECK_OK(clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL));
    CHECK(past(clock, at));
  }
  struct timespec old = {1, 0};
  long long start = now_ms();
  CHECK_OK(clock_nanosleep(clock, TIMER_ABSTIME, &old, NULL));
  CHECK_ELAPSED(start, 0, 10000);
  struct timespec relative = {0, 7000000};
  start = now_ms();
  CHECK_OK(clock_nanosleep(clock, 0, &relative, NULL));
  CHECK_ELAPSED(start, 7, 30000);
  relative.tv_nsec = 3000000;
  CHECK_OK(clock_nanosleep(CLOCK_BOOTTIME, 0, &relative, NULL));
  CHECK_OK(clock_nanosleep(CLOCK_TAI, 0, &relative, NULL));
  return NULL;
}

int main(void) {
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  return 0;
}
