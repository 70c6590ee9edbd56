// covers: poll
// poll with timeout 0 returns at once, with n never early, with -1 only when something happens.
#include "../help.h"

#include <poll.h>

static void* writes(void* arg) {
  sleep_ms(10);
  write_all(*(int*)arg, "x", 1);
  return NULL;
}

static void* body(void* arg) {
  int p[2];
  CHECK_OK(pipe(p));
  struct pollfd f = {p[0], POLLIN, 77};
  CHECK_EQ(poll(&f, 1, 0), 0);
  CHECK_EQ(f.revents, 0);
  long long start = now_ms();
  CHECK_EQ(poll(&f, 1, 20), 0);
  CHECK_ELAPSED(start, 20, 30000);
  start = now_ms();
  CHECK_EQ(poll(NULL, 0, 15), 0);
  CHECK_ELAPSED(start, 15, 30000);
  pthread_t t = THREAD(writes, &p[1]);
  CHECK_EQ(poll(&f, 1, -1), 1);
  CHECK_EQ(f.revents, POLLIN);
  JOIN(t);
  CHECK_EQ(poll(&f, 1, 20000), 1);
  close(p[0]), close(p[1]);
  return arg;
}

int main(void) {
  pthread_t t[20];
  for (int i = 0; i < 20; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  return 0;
}
