// Program code runs in "syscall" state (DESIGN section 4); these mark the exceptions.
#pragma once

#include <errno.h>
#include <stdint.h>

#include "sched/signals.h"

namespace goshim {

// Brackets a call that may block in the kernel. sysmon may give the P away after one of its ticks,
// or at once with `sleeps` (the call is known to sleep). The program's stack and %fs stay; nothing
// in between may park.
void entersyscallblock(bool sleeps);

// After the call: takes the P back, or another one, or waits in the global queue for one.
void exitsyscall();

// Runs f() as a blocking call of the calling G; just runs it on other threads.
template <typename F>
inline auto blocking(F f, bool sleeps = false) {
  entersyscallblock(sleeps);
  auto r = f();
  exitsyscall();
  return r;
}

// The same for a system call that handlers end with EINTR: runs them, and repeats the call unless one of them wants it
// to fail (or none ran: the interrupt was for somebody else).
template <typename F>
inline long blocking_call(F f, bool sleeps = false) {
  for (;;) {
    const long r = blocking(f, sleeps);
    if (r != -EINTR) return r;
    check_cancel();
    if (!deliver_signals()) return r;
  }
}

}  // namespace goshim
