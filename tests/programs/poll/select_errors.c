// covers: select pselect
// select refuses closed descriptors with EBADF and bad counts or times with EINVAL, and can just
// sleep.
#include "../help.h"

#include <sys/select.h>

static void* body(void* arg) {
  int p[2];
  CHECK_OK(pipe(p));
  int closed = dup(p[0]);
  CHECK(closed >= 0);
  close(closed);
  fd_set r;
  FD_ZERO(&r);
  FD_SET(closed, &r);
  FD_SET(p[0], &r);
  CHECK_ERRNO(select(closed + 1, &r, NULL, NULL, NULL), EBADF);
  struct timeval tv = {0, 10000}, negative = {-1, 0};
  CHECK_ERRNO(select(-1, NULL, NULL, NULL, &tv), EINVAL);
  CHECK_ERRNO(select(0, NULL, NULL, NULL, &negative), EINVAL);
  long long start = now_ms();
  CHECK_EQ(select(0, NULL, NULL, NULL, &tv), 0);
  CHECK_ELAPSED(start, 10, 30000);
  FD_ZERO(&r);
  FD_SET(p[0], &r);
  struct timespec ts = {0, 12000000};
  start = now_ms();
  CHECK_EQ(pselect(p[0] + 1, &r, NULL, NULL, &ts, NULL), 0);
  CHECK_ELAPSED(start, 12, 30000);
  CHECK(ts.tv_nsec == 12000000);
  write_all(p[1], "x", 1);
  FD_SET(p[0], &r);
  CHECK_EQ(pselect(p[0] + 1, &r, NULL, NULL, NULL, NULL), 1);
  close(p[0]), close(p[1]);
  return arg;
}

int main(void) {
  for (int i = 0; i < 3; i++) JOIN(THREAD(body, NULL));
  return 0;
}
