// covers: ppoll
// ppoll takes nanoseconds, leaves its timeout argument alone, refuses bad ones, and wakes for data.
#include "../help.h"

#include <poll.h>

static void* writes(void* arg) {
  sleep_ms(5);
  write_all(*(int*)arg, "x", 1);
  return NULL;
}

static void* body(void* arg) {
  int p[2];
  CHECK_OK(pipe(p));
  struct pollfd f = {p[0], POLLIN, 0};
  struct timespec wait = {0, 15500000}, bad = {0, 1000000000}, negative = {-1, 0};
  long long start = now_ns();
  CHECK_EQ(ppoll(&f, 1, &wait, NULL), 0);
  CHECK(now_ns() - start >= 15500000);
  CHECK(wait.tv_sec == 0 && wait.tv_nsec == 15500000);
  CHECK_ERRNO(ppoll(&f, 1, &bad, NULL), EINVAL);
  CHECK_ERRNO(ppoll(&f, 1, &negative, NULL), EINVAL);
  pthread_t t = THREAD(writes, &p[1]);
  CHECK_EQ(ppoll(&f, 1, NULL, NULL), 1);
  CHECK_EQ(f.revents, POLLIN);
  JOIN(t);
  close(p[0]), close(p[1]);
  return arg;
}

int main(void) {
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
