// Sockets. All may park; MSG_DONTWAIT and the program's own O_NONBLOCK never do.
#include "netpoll/fd_io.h"
#include "preload/blocking.h"

using namespace goshim;

GOSHIM_HOOK(int, socket)(int domain, int type, int protocol) {
  return result<int>(fd_socket(domain, type, protocol));
}

GOSHIM_HOOK(int, socketpair)(int domain, int type, int protocol, int fds[2]) {
  return result<int>(fd_socketpair(domain, type, protocol, fds));
}

GOSHIM_HOOK(int, setsockopt)(int fd, int level, int name, const void* value, socklen_t n) {
  return result<int>(fd_setsockopt(fd, level, name, value, n));
}

GOSHIM_HOOK(int, connect)(int fd, const struct sockaddr* addr, socklen_t len) {
  return fd_io(&Real::connect, SYS_connect, fd_connect, fd, addr, len);
}
GOSHIM_EXPORT_AS(__connect, connect);

GOSHIM_HOOK(int, accept4)(int fd, struct sockaddr* addr, socklen_t* len, int flags) {
  int conn = fd_io(&Real::accept4, SYS_accept4, fd_accept4, fd, addr, len, flags);
  fd_born_accepted(conn, fd, (flags & SOCK_NONBLOCK) != 0);
  return conn;
}

GOSHIM_HOOK(int, accept)(int fd, struct sockaddr* addr, socklen_t* len) {
  auto plain = [](int f, sockaddr* a, socklen_t* n) { return fd_accept4(f, a, n, 0); };
  int conn = fd_io(&Real::accept, SYS_accept, plain, fd, addr, len);
  fd_born_accepted(conn, fd, false);
  return conn;
}

GOSHIM_HOOK(ssize_t, recvfrom)
(int fd, void* buf, size_t n, int flags, struct sockaddr* addr, socklen_t* len) {
  return fd_io(&Real::recvfrom, SYS_recvfrom, fd_recvfrom, fd, buf, n, flags, addr, len);
}

GOSHIM_HOOK(ssize_t, recv)(int fd, void* buf, size_t n, int flags) {
  auto plain = [](int f, void* b, size_t size, int fl) {
    return fd_recvfrom(f, b, size, fl, nullptr, nullptr);
  };
  return fd_io(&Real::recv, SYS_recvfrom, plain, fd, buf, n, flags);
}

GOSHIM_HOOK(ssize_t, recvmsg)(int fd, struct msghdr* msg, int flags) {
  return fd_io(&Real::recvmsg, SYS_recvmsg, fd_recvmsg, fd, msg, flags);
}

GOSHIM_HOOK(int, recvmmsg)
(int fd, struct mmsghdr* vec, unsigned n, int flags, struct timespec* timeout) {
  return fd_io(&Real::recvmmsg, SYS_recvmmsg, fd_recvmmsg, fd, vec, n, flags, timeout);
}

GOSHIM_HOOK(ssize_t, sendto)
(int fd, const void* buf, size_t n, int flags, const struct sockaddr* addr, socklen_t len) {
  return fd_io(&Real::sendto, SYS_sendto, fd_sendto, fd, buf, n, flags, addr, len);
}

GOSHIM_HOOK(ssize_t, send)(int fd, const void* buf, size_t n, int flags) {
  auto plain = [](int f, const void* b, size_t size, int fl) {
    return fd_sendto(f, b, size, fl, nullptr, 0);
  };
  return fd_io(&Real::send, SYS_sendto, plain, fd, buf, n, flags);
}
GOSHIM_EXPORT_AS(__send, send);

GOSHIM_HOOK(ssize_t, sendmsg)(int fd, const struct msghdr* msg, int flags) {
  return fd_io(&Real::sendmsg, SYS_sendmsg, fd_sendmsg, fd, msg, flags);
}

GOSHIM_HOOK(int, sendmmsg)(int fd, struct mmsghdr* vec, unsigned n, int flags) {
  return fd_io(&Real::sendmmsg, SYS_sendmmsg, fd_sendmmsg, fd, vec, n, flags);
}
