// How a call waits for an fd: one FdOp a call, fd_wait() between its attempts.
#pragma once

#include <stdint.h>

#include "netpoll/fd_table.h"
#include "sched/wait_reason.h"

namespace goshim {

struct FdOp {
  FdOp(int fd_, FdEntry* e_, Dir dir_, WaitReason reason_)
      : fd(fd_), e(e_), gen(e_->gen.load_relaxed()), dir(dir_), reason(reason_) {}

  int fd;
  FdEntry* e;
  uint32_t gen;  // the life in which the call began
  Dir dir;
  WaitReason reason;
  bool pass_on =
      false;  // woken alone while others wait: they get their turn when the call has succeeded
  int64_t deadline = 0;   // 0: not known yet, to be asked of the entry
  bool is_io = true;      // false: neither O_NONBLOCK nor SA_RESTART matter (epoll_wait)
  bool restarts = false;  // after SA_RESTART even with a deadline (message queues)
};

// The fd cannot be waited for here: make the call in a way that blocks the M.
constexpr long kBlockM = 1;

// Parks until op.fd may have become ready in its direction. `seen` is the snapshot taken before the
// attempt that found it not ready. Returns 0 (try again), kBlockM, or the error that ends the call:
// -EAGAIN (time is up, or the program made the fd non-blocking), -EINTR, -EBADF (closed meanwhile).
long fd_wait(FdOp& op, uint32_t seen);

// The call is over: lets the next waiter try.
inline void fd_done(const FdOp& op) {
  if (GS_UNLIKELY(op.pass_on)) pd_pass_on(op.e->pd, op.dir);
}

// Repeats attempt() until it says something else than -EAGAIN; `block` is the same call in its
// blocking form.
template <typename Attempt, typename Block>
long fd_retry(FdOp& op, Attempt attempt, Block block) {
  for (;;) {
    uint32_t seen = op.e->pd.snapshot(op.dir);
    long r = attempt();
    if (r == -EAGAIN) {
      r = fd_wait(op, seen);
      if (r == 0) continue;
      if (r == kBlockM) r = block();
    }
    fd_done(op);
    return r;
  }
}

// poll(2) of one fd without waiting: the bits that are set, 0, or -errno.
long fd_poll_now(int fd, short events);

// setsockopt(SO_RCVTIMEO) reached a socket that other descriptors may share.
void fd_timeouts_shared();

}  // namespace goshim
