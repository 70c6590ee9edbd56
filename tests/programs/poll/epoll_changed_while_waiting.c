// covers: epoll_ctl epoll_wait
// A descriptor added or armed by another thread wakes a wait that was already under way.
#include "../help.h"

#include <sys/epoll.h>

static int ep;

static void* waits(void* arg) {
  struct epoll_event ev;
  CHECK_EQ(epoll_wait(ep, &ev, 1, -1), 1);
  CHECK_EQ(ev.data.fd, *(int*)arg);
  return NULL;
}

int main(void) {
  int p[2];
  ep = epoll_create1(0);
  CHECK_OK(pipe(p));
  write_all(p[1], "x", 1);
  for (int i = 0; i < 5; i++) {
    pthread_t t = THREAD(waits, &p[0]);
    sleep_ms(i);
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = p[0]};
    CHECK_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
    JOIN(t);
    ev.events = 0;
    CHECK_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
    CHECK_EQ(epoll_wait(ep, &ev, 1, 0), 0);
    t = THREAD(waits, &p[0]);
    sleep_ms(1);
    ev.events = EPOLLIN;
    ev.data.fd = p[0];
    CHECK_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
    JOIN(t);
    CHECK_OK(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL), ENOENT);
  }
  return 0;
}
