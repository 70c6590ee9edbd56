// covers: clock_gettime gettimeofday clock_getres time
// Clocks never go backward as a thread sees them, wherever it runs after a pause; resolutions are
// sane.
#include "../help.h"

#include <sys/time.h>

static void* body(void* arg) {
  long long last = 0;
  time_t seconds = 0;
  for (int i = 0; i < 200; i++) {
    long long now = now_ns();
    CHECK(now >= last);
    last = now;
    struct timeval tv;
    CHECK_OK(gettimeofday(&tv, NULL));
    CHECK(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
    time_t s = time(NULL);
    CHECK(s >= seconds);
    seconds = s;
    if (i % 50 == 0)
      sleep_ms(1);
    else
      sched_yield();
  }
  struct timespec res;
  CHECK_OK(clock_getres(CLOCK_MONOTONIC, &res));
  CHECK(res.tv_sec == 0 && res.tv_nsec > 0);
  return arg;
}

int main(void) {
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
