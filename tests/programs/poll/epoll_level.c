// covers: epoll_create1 epoll_ctl epoll_wait
// A level-triggered epoll in a thread keeps reporting until drained, with the data it was given,
// and times out.
#include "../help.h"

#include <sys/epoll.h>

static int p[20][2], ep;

static void* loop(void* arg) {
  int total = 0;
  while (total < 400) {
    struct epoll_event ev[5];
    int n = epoll_wait(ep, ev, 5, -1);
    CHECK(n >= 1 && n <= 5);
    for (int i = 0; i < n; i++) {
      char c = 0;
      CHECK(ev[i].events & EPOLLIN);
      CHECK_EQ(read(p[ev[i].data.u32][0], &c, 1), 1);
      CHECK_EQ(c, (char)ev[i].data.u32);
      total++;
    }
  }
  struct epoll_event ev;
  long long start = now_ms();
  CHECK_EQ(epoll_wait(ep, &ev, 1, 15), 0);
  CHECK_ELAPSED(start, 15, 30000);
  CHECK_EQ(epoll_wait(ep, &ev, 1, 0), 0);
  return arg;
}

int main(void) {
  ep = epoll_create1(0);
  for (unsigned i = 0; i < 20; i++) {
    CHECK_OK(pipe(p[i]));
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = i};
    CHECK_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[i][0], &ev));
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[i][0], &ev), EEXIST);
  }
  pthread_t t = THREAD(loop, NULL);
  for (int i = 0; i < 200; i++) {
    char two[2] = {(char)(i % 20), (char)(i % 20)};
    write_all(p[i % 20][1], two, 2);
    if (i % 50 == 0) sleep_ms(1);
  }
  JOIN(t);
  return 0;
}
