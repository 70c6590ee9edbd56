// The verbs for calls that are known to block the M: `declared`, and `try_then_wait` for those that can be asked first.
//
// As the verbs of blocking.h they run libc's own function on threads that are no Gs.
#pragma once

#include "preload/blocking.h"

namespace goshim {

enum How : unsigned {
  kMayBlock = 0,       // for a moment, on a disk: sysmon takes the P if it lasts
  kCancels = 1,        // a cancellation point
  kSleeps = 2,         // known to sleep: gives the P away at once
  kNeverRestarts = 4,  // any handler ends it with EINTR, whatever SA_RESTART says
};

// call() until it is not interrupted, or by a handler that ends it.
template <unsigned kHow, typename F>
long declared_call(F call) {
  for (;;) {
    const long r = blocking(call, (kHow & kSleeps) != 0);
    if (r != -EINTR) return r;
    if constexpr ((kHow & kCancels) != 0) check_cancel();
    if (!deliver_signals((kHow & kNeverRestarts) == 0)) return r;
  }
}

// The system call nr, declared, on a G; else libc's own function, which is no row of patch.cc.
template <unsigned kHow = kMayBlock, typename R, typename... P>
inline R declared(R (*Real::*slot)(P...), long nr, SameType<P>... args) {
  if (GS_UNLIKELY(!on_goroutine() && !is_wired(getg()))) return (real.*slot)(args...);
  if constexpr ((kHow & kCancels) != 0) call_begins();
  return result<R>(declared_call<kHow>([&] { return os::sys(nr, args...); }));
}

// On a G: `ask` says at once what is to be said, or `not_now`; then `wait` is made, which sleeps. A call that finds what
// it wants costs no hand-off.
template <unsigned kHow, typename Ask, typename Wait>
inline long try_then_wait(long not_now, Ask ask, Wait wait) {
  if constexpr ((kHow & kCancels) != 0) call_begins();
  const long r = ask();
  return r == not_now ? declared_call<kHow | kSleeps>(wait) : r;
}

// Not on a G, for a row of patch.cc that is no cancellation point.
template <typename R, typename... P>
GS_NOINLINE R elsewhere_plain(R (*Real::*slot)(P...), long nr, SameType<P>... args) {
  return libc_patched ? result<R>(os::sys(nr, args...)) : (real.*slot)(args...);
}

// The descriptor that a call has just opened: whatever was believed of its number is over.
inline int fd_opened(int fd) {
  if (fd >= 0) fd_forget(fd);
  return fd;
}

}  // namespace goshim
