// A time that has long passed makes the kernel look without waiting: ETIMEDOUT is "not now", EAGAIN is O_NONBLOCK's.
#include "netpoll/fd_mq.h"

#include "netpoll/fd_kind.h"
#include "netpoll/fd_wait.h"
#include "os/clock.h"

namespace goshim {

namespace {

// A wait for abstime, on the scheduler's clock. If the clock was set back meanwhile it is made again: never early.
int64_t deadline_of(const timespec* abstime) {
  if (abstime == nullptr) return kNever;
  return deadline_in(os::to_ns(*abstime) - os::clock_ns(CLOCK_REALTIME));
}

bool has_passed(const timespec* abstime) {
  return abstime != nullptr && os::clock_ns(CLOCK_REALTIME) >= os::to_ns(*abstime);
}

}  // namespace

long fd_mq_send(int fd, const char* buf, size_t n, unsigned priority, const timespec* abstime) {
  constexpr timespec kPast = {};
  const auto send = [&](const timespec* t) {
    return os::sys(SYS_mq_timedsend, fd, buf, n, priority, t);
  };
  call_begins();
  FdEntry* e = fd_make(fd);
  if (e == nullptr || !os::valid_timeout(abstime)) {
    return blocking_call([&] { return send(abstime); });
  }
  FdOp op(fd, e, kWrite, WaitReason::kFdWrite);
  op.restarts = true;
  for (;;) {
    const uint32_t seen = e->pd.snapshot(kWrite);
    long r = send(&kPast);
    if (r == -ETIMEDOUT) {
      op.deadline = deadline_of(abstime);
      r = fd_wait(op, seen);
      if (r == 0 || (r == -EAGAIN && !has_passed(abstime))) continue;
      if (r == -EAGAIN) r = -ETIMEDOUT;
      if (r == kBlockM) r = blocking_call([&] { return send(abstime); }, true);
    }
    fd_done(op);
    return r;
  }
}

}  // namespace goshim
