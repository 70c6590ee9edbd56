// Waiting for several fds: poll, select and epoll_wait, as the hooks make them (result or -errno).
//
// All ask the kernel with timeout 0; if it has nothing, the G registers with each fd, parks, and
// asks again. Timeouts are never early. None restarts after a signal handler.
//
// A signal mask holds for the time of the call, as in the kernel.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

namespace goshim {

long fd_poll(pollfd* fds, nfds_t n, int timeout_ms);
long fd_ppoll(pollfd* fds, nfds_t n, const timespec* timeout, const sigset_t* mask);
long fd_select(int n, fd_set* in, fd_set* out, fd_set* ex, timeval* timeout);
long fd_pselect(int n, fd_set* in, fd_set* out, fd_set* ex, const timespec* timeout,
                const sigset_t* mask);
long fd_epoll_wait(int epfd, epoll_event* events, int max, int timeout_ms);
long fd_epoll_pwait(int epfd, epoll_event* events, int max, int timeout_ms, const sigset_t* mask);
long fd_epoll_pwait2(int epfd, epoll_event* events, int max, const timespec* timeout,
                     const sigset_t* mask);

// The same as plain system calls, for threads that are no Gs.
long raw_ppoll(pollfd* fds, nfds_t n, const timespec* timeout, const sigset_t* mask);
long raw_pselect(int n, fd_set* in, fd_set* out, fd_set* ex, const timespec* timeout,
                 const sigset_t* mask);
long raw_epoll_pwait(int epfd, epoll_event* events, int max, int timeout_ms, const sigset_t* mask);
long raw_epoll_pwait2(int epfd, epoll_event* events, int max, const timespec* timeout,
                      const sigset_t* mask);

}  // namespace goshim
