// When a wait has to end: an absolute time on the clock the program named.
//
// The scheduler's timers run on CLOCK_MONOTONIC. A wait against CLOCK_REALTIME is converted when it
// starts and checked again when the timer fires: if the clock was set back meanwhile the wait has
// not timed out (never early). That the clock was set forward is noticed late.
#pragma once

#include <stdint.h>
#include <time.h>

#include "os/clock.h"
#include "sched/timer.h"

namespace goshim::sync {

struct Deadline {
  int64_t at = kNever;  // ns on `clock`
  clockid_t clock = CLOCK_MONOTONIC;

  static Deadline never() { return {}; }

  // pre: os::valid(ts). A time before the epoch is as good as the epoch: long ago.
  static Deadline on(clockid_t clock, const timespec& ts) {
    return {ts.tv_sec < 0 ? 0 : os::to_ns(ts), clock};
  }
  // ns from now.
  static Deadline in(int64_t ns) { return {deadline_in(ns), CLOCK_MONOTONIC}; }

  bool is_never() const { return at == kNever; }

  // As nanotime(), for gopark.
  int64_t monotonic() const {
    if (at == kNever || clock == CLOCK_MONOTONIC) return at;
    return deadline_in(at - os::clock_ns(clock));  // the other clock is read first: rounds up
  }

  bool has_passed() const { return at != kNever && os::clock_ns(clock) >= at; }
};

// The clocks that glibc's *_clockwait family accepts.
inline bool is_wait_clock(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

}  // namespace goshim::sync
