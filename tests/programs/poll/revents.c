// covers: poll
// POLLHUP, POLLERR, POLLNVAL, POLLRDHUP and POLLOUT come as the kernel says, asked for or not, to
// waiters too.
#include "../help.h"

#include <poll.h>

static short ask(int fd, short events, int timeout) {
  struct pollfd f = {fd, events, 0};
  int n = poll(&f, 1, timeout);
  CHECK_EQ(n, f.revents != 0);
  return f.revents;
}

static void* closes(void* arg) {
  sleep_ms(5);
  close(*(int*)arg);
  return NULL;
}

static void* body(void* arg) {
  int p[2], sv[2];
  CHECK_OK(pipe(p));
  CHECK_EQ(ask(p[0], POLLIN, 0), 0);
  CHECK_EQ(ask(p[1], POLLOUT, -1), POLLOUT);
  pthread_t t = THREAD(closes, &p[1]);
  CHECK_EQ(ask(p[0], POLLIN, -1), POLLHUP);
  JOIN(t);
  CHECK_EQ(ask(p[0], 0, -1), POLLHUP);
  CHECK_EQ(ask(p[1], POLLIN, -1), POLLNVAL);
  close(p[0]);
  CHECK_OK(pipe(p));
  t = THREAD(closes, &p[0]);
  CHECK_EQ(ask(p[1], 0, -1), POLLERR);
  JOIN(t);
  close(p[1]);
  tcp_pair(sv);
  CHECK_EQ(ask(sv[0], POLLIN | POLLOUT, -1), POLLOUT);
  t = THREAD(closes, &sv[1]);
  CHECK_EQ(ask(sv[0], POLLIN | POLLRDHUP, -1), POLLIN | POLLRDHUP);
  JOIN(t);
  char c;
  CHECK_EQ(read(sv[0], &c, 1), 0);
  close(sv[0]);
  return arg;
}

int main(void) {
  for (int i = 0; i < 3; i++) JOIN(THREAD(body, NULL));
  return 0;
}
