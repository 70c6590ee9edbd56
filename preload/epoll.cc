// epoll: the program's own event loops. An epoll fd is itself pollable, so only the waits are ours.
#include "netpoll/poll_fds.h"
#include "preload/blocking.h"

using namespace goshim;

GOSHIM_HOOK(int, epoll_wait)(int epfd, struct epoll_event* events, int max, int timeout) {
  return fd_io(&Real::epoll_wait, SYS_epoll_wait, fd_epoll_wait, epfd, events, max, timeout);
}

GOSHIM_HOOK(int, epoll_pwait)
(int epfd, struct epoll_event* events, int max, int timeout, const sigset_t* mask) {
  return fd_io(&Real::epoll_pwait, raw_epoll_pwait, fd_epoll_pwait, epfd, events, max, timeout,
               mask);
}

GOSHIM_HOOK(int, epoll_pwait2)
(int epfd, struct epoll_event* events, int max, const struct timespec* timeout,
 const sigset_t* mask) {
  return fd_io(&Real::epoll_pwait2, raw_epoll_pwait2, fd_epoll_pwait2, epfd, events, max, timeout,
               mask);
}
