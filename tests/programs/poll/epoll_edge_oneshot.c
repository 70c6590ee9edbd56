// covers: epoll_ctl epoll_wait
// Edge-triggered reports once per arrival; one-shot stays silent until it is armed again.
#include "../help.h"

#include <sys/epoll.h>

static int p[2], q[2], ep;

static void* writes(void* arg) {
  sleep_ms(3);
  write_all(*(int*)arg, "ab", 2);
  return NULL;
}

static void expect(int fd) {
  struct epoll_event ev;
  CHECK_EQ(epoll_wait(ep, &ev, 1, 20000), 1);
  CHECK_EQ(ev.data.fd, fd);
  CHECK_EQ(epoll_wait(ep, &ev, 1, 3), 0);
}

static void* body(void* arg) {
  struct epoll_event et = {.events = EPOLLIN | EPOLLET, .data.fd = p[0]};
  struct epoll_event once = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = q[0]};
  CHECK_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &et));
  CHECK_OK(epoll_ctl(ep, EPOLL_CTL_ADD, q[0], &once));
  for (int i = 0; i < 3; i++) {
    pthread_t t = THREAD(writes, &p[1]);
    expect(p[0]);
    JOIN(t);
    t = THREAD(writes, &q[1]);
    expect(q[0]);
    JOIN(t);
    write_all(q[1], "c", 1);
    struct epoll_event ev;
    CHECK_EQ(epoll_wait(ep, &ev, 1, 3), 0);
    char buffer[16];
    CHECK_EQ(read(q[0], buffer, sizeof buffer), 3);
    CHECK_OK(epoll_ctl(ep, EPOLL_CTL_MOD, q[0], &once));
    CHECK_EQ(epoll_wait(ep, &ev, 1, 0), 0);
  }
  return arg;
}

int main(void) {
  CHECK_OK(pipe(p));
  CHECK_OK(pipe(q));
  ep = epoll_create1(EPOLL_CLOEXEC);
  CHECK(ep >= 0);
  JOIN(THREAD(body, NULL));
  return 0;
}
