#include "netpoll/fd_wait.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/perturb.h"
#include "netpoll/netpoll.h"
#include "os/clock.h"
#include "os/syscall.h"
#include "sched/signals.h"

namespace goshim {

namespace {

constinit Atomic<bool> timeouts_shared;

// An fd we did not see being born, or that others share, may have changed without us.
bool is_nonblock_now(int fd) {
  long fl = os::sys(SYS_fcntl, fd, F_GETFL);
  return fl >= 0 && (fl & O_NONBLOCK) != 0;
}

int64_t timeout_of(const FdOp& op) {
  // relaxed: a hint, set once by whoever asks for strange things
  if (GS_LIKELY(!timeouts_shared.load_relaxed() || op.e->owned())) {
    return op.e->timeout[op.dir].load_relaxed();
  }
  timeval tv = {};
  socklen_t n = sizeof tv;
  int name = op.dir == kRead ? SO_RCVTIMEO : SO_SNDTIMEO;
  long r = os::sys(SYS_getsockopt, op.fd, SOL_SOCKET, name, &tv, &n);
  return r == 0 ? static_cast<int64_t>(tv.tv_sec) * os::kSecond + tv.tv_usec * 1000 : 0;
}

void set_deadline(FdOp& op) {
  int64_t ns = timeout_of(op);
  op.deadline = ns > 0 ? deadline_in(ns) : kNever;
}

long after_signal(const FdOp& op) {
  // As the kernel: a call on a socket with a timeout is not restarted.
  return deliver_signals(op.restarts || (op.is_io && op.deadline == kNever)) ? 0 : -EINTR;
}

// Enqueues w. 0; -EAGAIN: an edge came, try again; kBlockM; -EBADF.
long start_wait(FdOp& op, FdWaiter* w) {
  FdEntry* e = op.e;
  MLockGuard guard(e->pd.lock);
  if (e->gen.load_relaxed() != op.gen) return -EBADF;
  int r = netpoll_register_locked(op.fd, e);
  if (r == -EBADF) return -EAGAIN;  // the call itself will say so
  if (r != 0) return kBlockM;
  if (e->pd.edges[op.dir].load_relaxed() != w->seen)
    return -EAGAIN;  // relaxed: written under this lock
  w->ticket = park_prepare();
  pd_enqueue_locked(e->pd, op.dir, w);
  return 0;
}

}  // namespace

long fd_wait(FdOp& op, uint32_t seen) {
  if (!netpoll_ready()) return kBlockM;
  if (!op.e->owned() && op.is_io && is_nonblock_now(op.fd)) return -EAGAIN;
  if (op.deadline == 0) set_deadline(op);
  FdWaiter w;
  w.seen = seen;
  GS_PERTURB("fd_wait.before_enqueue");
  long r = start_wait(op, &w);
  if (r != 0) return r == -EAGAIN ? 0 : r;
  GS_PERTURB("fd_wait.before_park");
  Wake why = gopark(w.ticket, op.reason, op.deadline, static_cast<uint64_t>(op.fd));
  if (GS_LIKELY(why == Wake::kUnparked)) {
    op.pass_on |= w.others_wait;
    return 0;
  }
  if (why == Wake::kClosed) return -EBADF;
  pd_dequeue(op.e->pd, op.dir, &w);
  switch (why) {
    case Wake::kTimeout:
      return -EAGAIN;
    case Wake::kSignal:
      return after_signal(op);
    case Wake::kCancel:
      // May not return.
      fd_done(op);
      op.pass_on = false;
      check_cancel();
      return 0;
    default:
      return 0;
  }
}

long fd_poll_now(int fd, short events) {
  pollfd p = {fd, events, 0};
  long r = os::sys(SYS_poll, &p, 1, 0);
  return r > 0 ? p.revents : r;
}

void fd_timeouts_shared() { timeouts_shared.store_relaxed(true); }

}  // namespace goshim
