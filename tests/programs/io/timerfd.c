// covers: timerfd_create timerfd_settime read
// Threads that read timer descriptors wake never early, with the number of expirations.
#include "../help.h"

#include <sys/timerfd.h>

static void* body(void* arg) {
  int ms = 5 + (int)(intptr_t)arg % 20;
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  CHECK(fd >= 0);
  struct itimerspec once = {{0, 0}, {0, ms * 1000000L}};
  uint64_t n = 0;
  long long start = now_ms();
  CHECK_OK(timerfd_settime(fd, 0, &once, NULL));
  CHECK_EQ(read(fd, &n, sizeof n), sizeof n);
  CHECK_EQ(n, 1);
  CHECK_ELAPSED(start, ms, 30000);
  struct itimerspec ticks = {{0, 2000000}, {0, 2000000}};
  start = now_ms();
  CHECK_OK(timerfd_settime(fd, 0, &ticks, NULL));
  for (uint64_t total = 0; total < 10; total += n) {
    CHECK_EQ(read(fd, &n, sizeof n), sizeof n);
    CHECK(n >= 1);
  }
  CHECK_ELAPSED(start, 20, 30000);
  close(fd);
  return NULL;
}

int main(void) {
  pthread_t t[30];
  for (intptr_t i = 0; i < 30; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 30; i++) JOIN(t[i]);
  return 0;
}
