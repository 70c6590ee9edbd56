// covers: epoll_create1 epoll_ctl epoll_wait epoll_pwait
// epoll calls from threads refuse what the kernel refuses: regular files, itself, bad sizes and
// descriptors.
#include "../help.h"

#include <fcntl.h>
#include <sys/epoll.h>

static void* body(void* arg) {
  struct epoll_event ev = {.events = EPOLLIN};
  int ep = epoll_create1(0), p[2], dir = open("/", O_RDONLY);
  CHECK(ep >= 0 && dir >= 0);
  CHECK_OK(pipe(p));
  CHECK_ERRNO(epoll_create1(0x999), EINVAL);
  CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, dir, &ev), EPERM);
  CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
  CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, -1, &ev), EBADF);
  CHECK_ERRNO(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &ev), EINVAL);
  CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), ENOENT);
  CHECK_ERRNO(epoll_ctl(ep, 77, p[0], &ev), EINVAL);
  CHECK_ERRNO(epoll_wait(ep, &ev, 0, 0), EINVAL);
  CHECK_ERRNO(epoll_wait(-1, &ev, 1, 0), EBADF);
  CHECK_ERRNO(epoll_wait(p[0], &ev, 1, 0), EINVAL);
  CHECK_EQ(epoll_pwait(ep, &ev, 1, 5, NULL), 0);
  close(ep), close(dir), close(p[0]), close(p[1]);
  return arg;
}

int main(void) {
  pthread_t t[8];
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  return 0;
}
