// epoll and eventfd, raw. All return -errno.
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "os/syscall.h"

namespace goshim::os {

inline int epoll_create() { return static_cast<int>(sys(SYS_epoll_create1, EPOLL_CLOEXEC)); }

inline int epoll_ctl(int epfd, int op, int fd, uint32_t events, uint64_t data) {
  epoll_event ev = {};
  ev.events = events;
  ev.data.u64 = data;
  return static_cast<int>(sys(SYS_epoll_ctl, epfd, op, fd, &ev));
}

// ns < 0: for ever. Where the kernel has no epoll_pwait2 (before 5.11), or a sandbox's filter refuses what it does not know
// (EPERM is no answer of the call's own), the wait is rounded up to whole ms.
inline int epoll_wait_ns(int epfd, epoll_event* out, int n, int64_t ns) {
  if (ns <= 0) {
    return static_cast<int>(sys(SYS_epoll_pwait, epfd, out, n, ns < 0 ? -1 : 0, nullptr, 0));
  }
  timespec ts = {ns / 1000000000, ns % 1000000000};
  long r = sys(SYS_epoll_pwait2, epfd, out, n, &ts, nullptr, 0);
  if (r == -ENOSYS || r == -EPERM) {
    int64_t ms = ns < INT64_MAX - 999999 ? (ns + 999999) / 1000000 : INT64_MAX / 1000000;
    r = sys(SYS_epoll_pwait, epfd, out, n, ms > INT32_MAX ? INT32_MAX : ms, nullptr, 0);
  }
  return static_cast<int>(r);
}

inline int eventfd(unsigned count) {
  return static_cast<int>(sys(SYS_eventfd2, count, EFD_CLOEXEC | EFD_NONBLOCK));
}

}  // namespace goshim::os
