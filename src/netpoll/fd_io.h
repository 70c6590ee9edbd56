// The calls that move data, as the hooks make them. Each behaves as the system call of its name and
// returns its result or -errno; where the system call would block, the G parks.
//
// O_NONBLOCK is never set for this. Sockets are asked with MSG_DONTWAIT, other files with
// RWF_NOWAIT; where neither works, poll(2) with timeout 0 decides between parking and a call that
// may block the M.
#pragma once

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

namespace goshim {

long fd_read(int fd, void* buf, size_t n);
long fd_readv(int fd, const iovec* iov, int count);
long fd_recvfrom(int fd, void* buf, size_t n, int flags, sockaddr* addr, socklen_t* len);
long fd_recvmsg(int fd, msghdr* msg, int flags);
long fd_recvmmsg(int fd, mmsghdr* vec, unsigned n, int flags, timespec* timeout);

long fd_write(int fd, const void* buf, size_t n);
long fd_writev(int fd, const iovec* iov, int count);
long fd_sendto(int fd, const void* buf, size_t n, int flags, const sockaddr* addr, socklen_t len);
long fd_sendmsg(int fd, const msghdr* msg, int flags);
long fd_sendmmsg(int fd, mmsghdr* vec, unsigned n, int flags);

long fd_accept4(int fd, sockaddr* addr, socklen_t* len, int flags);
long fd_connect(int fd, const sockaddr* addr, socklen_t len);

}  // namespace goshim
