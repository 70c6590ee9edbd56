// sysmon: the watcher without a P.
//
// A kernel thread of its own that sees to it that no P stands still: it takes Ps away from Ms that block or compute
// for long while others wait, polls the network when nobody has for 10 ms, runs overdue timers, and wakes an M for
// work that its P does not get to. It looks every 20 us while that turns something up, backs off to 10 ms, and sleeps
// until woken while all Ps are idle.
#pragma once

#include "base/atomic.h"

namespace goshim {

// The body; the caller provides the thread (libc must see one more thread, so that it knows it is not alone).
[[noreturn]] void sysmon_main();

}  // namespace goshim
