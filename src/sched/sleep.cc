#include "sched/sleep.h"

#include "os/clock.h"
#include "os/syscall.h"
#include "sched/park.h"
#include "sched/signals.h"
#include "sched/syscall.h"

namespace goshim {

namespace {

// A clock that can be set: look at it again after at most this long.
constexpr int64_t kRecheck = os::kSecond;

// Until nanotime() >= deadline: 0, or -EINTR.
long sleep_until(int64_t deadline) {
  while (os::nanotime() < deadline) {
    Wake why = gosleep(deadline);
    if (why == Wake::kSignal && act_on_signals() != Delivered::kNothing) return -EINTR;
    if (why == Wake::kCancel) check_cancel();
  }
  return 0;
}

long sleep_until_realtime(int64_t when) {
  for (;;) {
    int64_t left = when - os::clock_ns(CLOCK_REALTIME);
    if (left <= 0) return 0;
    if (left > kRecheck) left = kRecheck;
    long r = sleep_until(os::nanotime() + left);
    if (r != 0) return r;
  }
}

}  // namespace

long sleep_for(int64_t ns, int64_t* left) {
  int64_t deadline = deadline_in(ns);
  long r = sleep_until(deadline);
  if (r == -EINTR && left != nullptr) {
    *left = deadline - os::nanotime();
    if (*left < 0) *left = 0;
  }
  return r;
}

long sleep_nano(const timespec* req, timespec* rem) {
  if (req == nullptr) return -EFAULT;
  if (!os::valid_timeout(*req)) return -EINVAL;
  int64_t left = 0;
  long r = sleep_for(os::to_ns(*req), &left);
  if (r == -EINTR && rem != nullptr) *rem = {left / os::kSecond, left % os::kSecond};
  return r;
}

long sleep_us(unsigned us) { return sleep_for(static_cast<int64_t>(us) * 1000, nullptr); }

long block_us(unsigned us) {
  timespec ts = {us / 1000000, static_cast<long>(us % 1000000) * 1000};
  return blocking([&] { return os::sys(SYS_nanosleep, &ts, nullptr); }, true);
}

unsigned sleep_seconds(unsigned seconds) {
  int64_t left = 0;
  sleep_for(static_cast<int64_t>(seconds) * os::kSecond, &left);
  return static_cast<unsigned>(left / os::kSecond);
}

int block_clock(clockid_t clock, int flags, const timespec* req, timespec* rem) {
  if (clock == CLOCK_THREAD_CPUTIME_ID) return EINVAL;  // the kernel's error would be another
  return static_cast<int>(
      -blocking([&] { return os::sys(SYS_clock_nanosleep, clock, flags, req, rem); }, true));
}

int sleep_clock(clockid_t clock, int flags, const timespec* req, timespec* rem) {
  bool absolute = (flags & TIMER_ABSTIME) != 0;
  // Other clocks (CPU time, alarms) and whatever is wrong with the arguments: the kernel knows.
  if ((clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) || req == nullptr ||
      !os::valid_timeout(*req)) {
    return block_clock(clock, flags, req, rem);
  }
  if (!absolute) return static_cast<int>(-sleep_nano(req, rem));
  int64_t when = os::to_ns(*req);
  return static_cast<int>(
      -(clock == CLOCK_REALTIME ? sleep_until_realtime(when) : sleep_until(when)));
}

int sleep_c11(const timespec* req, timespec* rem) {
  long r = sleep_nano(req, rem);
  return r == 0 ? 0 : r == -EINTR ? -1 : -2;
}

}  // namespace goshim
