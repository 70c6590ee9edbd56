// What the bodies in signal.cc are written with. All are for a G whose signals are ours; results are -errno.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "sched/g.h"

namespace goshim {

inline uint64_t to_mask(const sigset_t* set) {
  uint64_t m;
  __builtin_memcpy(&m, set, sizeof m);
  return m;
}
inline void from_mask(sigset_t* set, uint64_t m) {
  __builtin_memset(set, 0, sizeof *set);
  __builtin_memcpy(set, &m, sizeof m);
}

long change_mask(int how, const sigset_t* set, sigset_t* old);

// A signal to our own process, or (gp not null) to one of its threads.
long send_signal(G* gp, int sig, int code, sigval value);

// raise() on a kernel thread that is no G of ours, and its errno.
int raise_in_kernel(int sig);

// Passes on the result of a call of the kernel's that has sent a signal to processes of which we may be one: what the
// calling thread has to take of it, it takes before it goes on.
int sent_to_many(int result, int sig, bool we_too);

// The G that a tid names, or null: the kernel's business.
G* signal_g_of_tid(pid_t tid);

// The thread of ours that a timer's event names by SIGEV_THREAD_ID, or null.
G* timer_thread(const sigevent* event);
long create_thread_timer(clockid_t clock, const sigevent& event, G* gp, timer_t* id);
void forget_thread_timer(timer_t id);

int overrun_delivered(timer_t id, int by_kernel);

long pending_signals(sigset_t* set);
long suspend(const sigset_t* mask);
long pause_here();
long wait_signal(const sigset_t* set, siginfo_t* info, const timespec* timeout);
int wait_signal_only(const sigset_t* set, int* sig);  // an error number
long alternate_stack(const stack_t* ss, stack_t* old);
sighandler_t set_disposition(int sig, sighandler_t handler);

}  // namespace goshim
