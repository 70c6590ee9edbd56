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
  const int64_t left = os::to_ns(*abstime) - os::clock_ns(CLOCK_REALTIME);
  const int64_t now = os::nanotime();  // after the other clock was read: rounds up
  return left < kNever - now ? now + left : kNever;
}

bool has_passed(const timespec* abstime) {
  return abstime != nullptr && os::clock_ns(CLOCK_REALTIME) >= os::to_ns(*abstime);
}

// call(t) is the system call with the time t.
template <typename Call>
long retry(int fd, Dir dir, const timespec* abstime, Call call) {
  constexpr timespec kPast = {};
  check_cancel();
  FdEntry* e = fd_make(fd);
  const bool is_bad = abstime != nullptr && (abstime->tv_sec < 0 || !os::valid(*abstime));
  if (e == nullptr || is_bad) {
    return blocking_call([&] { return call(abstime); });
  }
  FdOp op(fd, e, dir, dir == kRead ? WaitReason::kFdRead : WaitReason::kFdWrite);
  op.restarts = true;
  for (;;) {
    const uint32_t seen = e->pd.snapshot(dir);
    long r = call(&kPast);
    if (r == -ETIMEDOUT) {
      op.deadline = deadline_of(abstime);
      r = fd_wait(op, seen);
      if (r == 0 || (r == -EAGAIN && !has_passed(abstime))) continue;
      if (r == -EAGAIN) r = -ETIMEDOUT;
      if (r == kBlockM) r = blocking_call([&] { return call(abstime); }, true);
    }
    fd_done(op);
    return r;
  }
}

}  // namespace

long fd_mq_receive(int fd, char* buf, size_t n, unsigned* priority, const timespec* abstime) {
  return retry(fd, kRead, abstime, [&](const timespec* t) {
    return os::sys(SYS_mq_timedreceive, fd, buf, n, priority, t);
  });
}

long fd_mq_send(int fd, const char* buf, size_t n, unsigned priority, const timespec* abstime) {
  return retry(fd, kWrite, abstime, [&](const timespec* t) {
    return os::sys(SYS_mq_timedsend, fd, buf, n, priority, t);
  });
}

}  // namespace goshim
