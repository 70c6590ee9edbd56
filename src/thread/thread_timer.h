// Timers that signal one thread (SIGEV_THREAD_ID).
//
// The kernel would send the signal to a kernel thread, and ours have none of their own. So the kernel's timer signals
// the process, sigm takes the signal, which carries the timer's number, and passes it to the G that the timer is for.
// sigm waits for such a signal whether or not anybody else wants it: while its thread blocks it, it is pending there.
#pragma once

#include <signal.h>
#include <time.h>

#include "sched/g.h"

namespace goshim {

// timer_create(2) for gp. The kernel's number of the timer, or -errno.
long thread_timer_create(clockid_t clock, const sigevent& event, G* gp);
void thread_timer_deleted(int id);

// The thread that a signal is for if it comes from such a timer, else null.
G* thread_timer_target(const siginfo_t& info);
// The signals of all timers.
uint64_t thread_timer_signals();

void thread_timers_after_fork_child();

}  // namespace goshim
