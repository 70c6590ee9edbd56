// covers: nanosleep clock_nanosleep
// Bad times and clocks are refused: EINVAL by errno from nanosleep, by result from clock_nanosleep.
#include "../help.h"

static void* body(void* arg) {
  struct timespec big = {0, 1000000000}, negative = {-1, 0}, nano = {0, -1}, fine = {0, 1};
  CHECK_ERRNO(nanosleep(&big, NULL), EINVAL);
  CHECK_ERRNO(nanosleep(&negative, NULL), EINVAL);
  CHECK_ERRNO(nanosleep(&nano, NULL), EINVAL);
  errno = 0;
  CHECK_RET(clock_nanosleep(CLOCK_MONOTONIC, 0, &big, NULL), EINVAL);
  CHECK_RET(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &nano, NULL), EINVAL);
  CHECK_RET(clock_nanosleep(12345, 0, &fine, NULL), EINVAL);
  CHECK_RET(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &fine, NULL), EINVAL);
  CHECK_RET(clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, &fine, NULL), ENOTSUP);
  CHECK_EQ(errno, 0);
  CHECK_ERRNO(nanosleep(NULL, NULL), EFAULT);
  CHECK_OK(nanosleep(&fine, NULL));
  return arg;
}

int main(void) {
  pthread_t t[5];
  body(NULL);
  for (int i = 0; i < 5; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  return 0;
}
