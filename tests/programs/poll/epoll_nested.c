// covers: epoll_wait poll epoll_ctl
// An epoll descriptor is itself pollable: by poll, and inside another epoll, which a thread waits
// on.
#include "../help.h"

#include <poll.h>
#include <sys/epoll.h>

static int p[2], inner, outer;

static void* waits(void* arg) {
  if (arg) {
    struct pollfd f = {inner, POLLIN, 0};
    CHECK_EQ(poll(&f, 1, -1), 1);
    CHECK_EQ(f.revents, POLLIN);
  } else {
    struct epoll_event ev;
    CHECK_EQ(epoll_wait(outer, &ev, 1, -1), 1);
    CHECK_EQ(ev.data.fd, inner);
  }
  return NULL;
}

int main(void) {
  CHECK_OK(pipe(p));
  inner = epoll_create1(0);
  outer = epoll_create1(0);
  struct epoll_event ev = {.events = EPOLLIN, .data.fd = p[0]};
  CHECK_OK(epoll_ctl(inner, EPOLL_CTL_ADD, p[0], &ev));
  ev.data.fd = inner;
  CHECK_OK(epoll_ctl(outer, EPOLL_CTL_ADD, inner, &ev));
  for (int i = 0; i < 4; i++) {
    pthread_t a = THREAD(waits, NULL), b = THREAD(waits, &p);
    sleep_ms(i * 2);
    write_all(p[1], "x", 1);
    JOIN(a);
    JOIN(b);
    CHECK_EQ(epoll_wait(inner, &ev, 1, 0), 1);
    CHECK_EQ(ev.data.fd, p[0]);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(epoll_wait(outer, &ev, 1, 0), 0);
  }
  return 0;
}
