// "all goroutines are asleep - deadlock!": when it is said, and how. See deadlock.cc.
#pragma once

#include "sched/g.h"

namespace goshim {

struct DeadlockOps {
  int (*helpers)() = nullptr;       // kernel threads of ours that are no Ms
  int (*own_timers)() = nullptr;    // in the heaps, that wake nobody but who waits for fds
  void (*print_stack)() = nullptr;  // on a G, in program context
};
// Plugged in where a deadlock is to be reported; else empty.
extern DeadlockOps deadlock_ops;

// The process has timers of the kernel's that send signals: its end may be what it waits for.
void deadlock_never();

// On sysmon, when nothing has happened for a while. Does not return if there is a deadlock.
void check_deadlock();

// On gp, woken to say where it waited. Does not return.
[[noreturn]] void deadlock_say(G* gp, WaitReason reason);

// Alone after a fork.
void deadlock_after_fork_child();

}  // namespace goshim
