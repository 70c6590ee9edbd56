// poll and select.
#include "netpoll/poll_fds.h"
#include "preload/blocking.h"

using namespace goshim;

GOSHIM_HOOK(int, poll)(struct pollfd* fds, nfds_t n, int timeout) {
  return fd_io(&Real::poll, SYS_poll, fd_poll, fds, n, timeout);
}
GOSHIM_EXPORT_AS(__poll, poll);

GOSHIM_HOOK(int, ppoll)
(struct pollfd* fds, nfds_t n, const struct timespec* timeout, const sigset_t* mask) {
  return fd_io(&Real::ppoll, raw_ppoll, fd_ppoll, fds, n, timeout, mask);
}

GOSHIM_HOOK(int, select)(int n, fd_set* in, fd_set* out, fd_set* ex, struct timeval* timeout) {
  return fd_io(&Real::select, SYS_select, fd_select, n, in, out, ex, timeout);
}
GOSHIM_EXPORT_AS(__select, select);

GOSHIM_HOOK(int, pselect)
(int n, fd_set* in, fd_set* out, fd_set* ex, const struct timespec* timeout, const sigset_t* mask) {
  return fd_io(&Real::pselect, raw_pselect, fd_pselect, n, in, out, ex, timeout, mask);
}
