// The fortified twins: what a program built with _FORTIFY_SOURCE calls. They check the buffer's
// size, then are the plain call.
#include "preload/blocking.h"

using namespace goshim;

extern "C" [[noreturn]] void __chk_fail(void);

namespace {

void check_room(size_t n, size_t room) {
  if (n > room) __chk_fail();
}

}  // namespace

GOSHIM_HOOK(ssize_t, __read_chk)(int fd, void* buf, size_t n, size_t room) {
  check_room(n, room);
  return hook_read(fd, buf, n);
}

GOSHIM_HOOK(ssize_t, __pread_chk)(int fd, void* buf, size_t n, off_t at, size_t room) {
  check_room(n, room);
  return hook_pread(fd, buf, n, at);
}
GOSHIM_EXPORT_AS(__pread64_chk, __pread_chk);

GOSHIM_HOOK(ssize_t, __recv_chk)(int fd, void* buf, size_t n, size_t room, int flags) {
  check_room(n, room);
  return hook_recv(fd, buf, n, flags);
}

GOSHIM_HOOK(ssize_t, __recvfrom_chk)
(int fd, void* buf, size_t n, size_t room, int flags, struct sockaddr* addr, socklen_t* len) {
  check_room(n, room);
  return hook_recvfrom(fd, buf, n, flags, addr, len);
}

GOSHIM_HOOK(int, __poll_chk)(struct pollfd* fds, nfds_t n, int timeout, size_t room) {
  check_room(n, room / sizeof *fds);
  return hook_poll(fds, n, timeout);
}

GOSHIM_HOOK(int, __ppoll_chk)
(struct pollfd* fds, nfds_t n, const struct timespec* timeout, const sigset_t* mask, size_t room) {
  check_room(n, room / sizeof *fds);
  return hook_ppoll(fds, n, timeout, mask);
}
