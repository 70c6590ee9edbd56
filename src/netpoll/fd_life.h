// Calls that make, copy, change and end descriptors, with the upkeep of the fd table. Results are
// those of the system call, or -errno. They may be made by any thread at any time; before the
// runtime has started they keep no record.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "netpoll/fd_table.h"

namespace goshim {

long fd_socket(int domain, int type, int protocol);
long fd_socketpair(int domain, int type, int protocol, int fds[2]);
long fd_pipe2(int fds[2], int flags);
// Of a new eventfd, timerfd, ...: r is what the call returned.
long fd_new_other(long r, bool nonblock);

long fd_dup(int fd);
long fd_dup3(int from, int to, int flags);
long fd_dup2(int from, int to);

long fd_setsockopt(int fd, int level, int name, const void* value, socklen_t n);
// After a successful fcntl or ioctl.
void fd_after_fcntl(int fd, int cmd, long arg, int result);
void fd_after_ioctl(int fd, unsigned long request, const void* arg);

// Closes first..last but not our own fds.
long fd_close_range(unsigned first, unsigned last, int flags);

}  // namespace goshim
