// Signals: how one that the kernel has for the process finds the G whose handler is to run, and runs it there.
//
//   others' signals -> process-wide, blocked by every M -> sigm takes them -> a sigwait()er, or the default action, or
//   a G's queue -> that G runs the program's handler: at once if it runs program code, else as soon as our code is out
//   of the way; a parked G is woken for it, and its call fails with EINTR or is restarted.
//
// Dispositions stay the kernel's: sigaction() is libc's own, and whoever delivers a signal asks the kernel what to do.
// The signals that a thread brings on itself (kSyncSignals) are open on every M and arrive natively.
//
// A G counts here if it is kNormal or kWired; foreign threads have their signals from the kernel as ever.
//
// Locks: one, sig_lock (kSigTable), for all queues, sigwait()ers and mask classes. Never held while a handler runs.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "base/annotations.h"
#include "base/list.h"
#include "base/mlock.h"
#include "sched/g.h"
#include "sched/signals.h"

namespace goshim {

extern MLock sig_lock;

inline bool has_signals(const G* gp) {
  return gp->kind == GKind::kNormal || gp->kind == GKind::kWired;
}
// The calling thread's G if its signals are ours, else null.
inline G* signal_g() {
  G* gp = getg();
  return gp != nullptr && has_signals(gp) ? gp : nullptr;
}

// ---- signal.cc: start, dispatch --------------------------------------------------------------------------------

// Installs the interrupt's handler and takes over the calling thread's mask and alternate stack if it is a G. To be
// followed by a thread that runs sigm_main(). nullptr, or what is missing.
const char* signals_init();
[[noreturn]] void sigm_main();
// Between the two: everything is blocked, so that new kernel threads begin so. signals_open() ends it.
void signals_shut();
void signals_open();

void signals_new_g(G* gp, const uint64_t* mask);  // mask null: the creator's
void signals_drop_g(G* gp);                       // it will not be started
void signals_end_g();                             // the calling G runs no more handlers

// A signal to the process, or (gp not null) to one G. False: nobody takes it now; it belongs into the kernel's queue.
// On a G that turns out to be the one, its handlers have run when this returns.
bool signal_send(const siginfo_t& info, G* gp);

// The siginfo of kill() and its kin.
siginfo_t signal_info(int sig, int code);

// The default action of info.si_signo, on the calling kernel thread: ends or stops the process as if the signal had come
// to a thread of its own. Returns if it does neither.
void signal_default_action(const siginfo_t& info);

void signals_after_fork_child();

// ---- signal_queue.cc: what is pending for a G ------------------------------------------------------------------

enum class Queued : uint8_t { kYes, kMerged, kClosed };
Queued sig_queue_put(G* gp, const siginfo_t& info, bool shared) GS_REQUIRES(sig_lock);
// Takes the first item whose signal is in `set`; false if there is none.
bool sig_queue_take(G* gp, uint64_t set, siginfo_t* info) GS_REQUIRES(sig_lock);
// timer_getoverrun() is about this signal from now on, if it is a timer's.
void sig_note_timer(G* gp, const siginfo_t& info);
// Signals that sigm is not to take, whoever wants them: one is on its way.
uint64_t sig_left_in_kernel() GS_REQUIRES(sig_lock);
// Removes items sent to the process that gp blocks (with `all`: every item); those go back to the kernel,
// others are dropped. Returns how many it has removed.
int sig_queue_give_back(G* gp, bool all);
// Puts a signal to the process into the kernel's queue, as it was.
void sig_to_kernel(const siginfo_t& info);
void sig_leader_sends();  // in the interrupt, on any kernel thread
void sig_queue_after_fork_child();

// gp got an item: makes it act. Not under the lock.
void sig_kick(G* gp);
// The list of Gs with something deliverable.
void sig_list_update(G* gp) GS_REQUIRES(sig_lock);
void sig_poke();
// Some G is to be cancelled at once, but our code cannot be: it is interrupted again soon.
void sig_cancel_again();

// ---- sigmask.cc: masks, and which signals anybody wants ----------------------------------------------------------

uint64_t sigmask_clean(uint64_t mask);  // without those that cannot be blocked
void sigmask_init_g(G* gp, uint64_t mask);
void sigmask_end_g(G* gp);
// The calling G's. Signals that become deliverable are not delivered yet: act_on_signals().
// `for_handler`: while one runs; it is going to be set back.
void sigmask_set(G* gp, uint64_t mask, bool for_handler = false);
// The caller would have these, which Gs may be keeping for the time of a handler: they go back to the kernel.
void sigmask_claim(uint64_t set);
uint64_t sigmask_swap(uint64_t mask);  // returns the old one
// Signals that somebody takes; sigm waits for these. A sigwait()er's set is passed in.
uint64_t sigmask_wanted() GS_REQUIRES(sig_lock);
// To be called when `wanted` may have grown.
void sigmask_tell_sigm() GS_REQUIRES(sig_lock);
// sigm is about to wait; returns for what.
uint64_t sigmask_sigm_waits();
// Returns when sigm does not hold on to a signal that nobody wants: one put into the kernel then stays there, in order.
void sigmask_settle(int sig);
// Returns when a signal that the kernel has for the process, and that the calling G does not block, has found its G.
void sigmask_settle_sent(int sig);
extern Atomic<int32_t> sigm_tid;

// The calling G's alternate stack, kernel mask or nativeness has changed: gives it a new env and installs it.
void sig_env_update(G* gp);
uint64_t sig_env_new();
void sig_install(M* mp, G* gp);
void sigmask_after_fork_child();

// ---- signal_wait.cc: sigwait and its kin; results are -errno -----------------------------------------------------

struct SigWaiter {
  G* gp = nullptr;
  Ticket ticket = {};
  uint64_t set = 0;
  siginfo_t* info = nullptr;
  bool filled = false;
  ListLink<SigWaiter> link;
};
using SigWaiters = IntrusiveList<SigWaiter, &SigWaiter::link>;
extern SigWaiters sig_waiters GS_GUARDED_BY(sig_lock);

// Hands info to a waiter (of gp, if not null). Returns it, to be woken with kUnparked, or null.
SigWaiter* sig_waiter_take(const siginfo_t& info, G* gp) GS_REQUIRES(sig_lock);

// The signal's number, or -EAGAIN (deadline, in nanotime), -EINTR.
long signal_wait(uint64_t set, siginfo_t* info, int64_t deadline);
long signal_suspend(uint64_t mask);  // -EINTR
long signal_pause();                 // -EINTR

// ---- sigdeliver.cc: handlers run ---------------------------------------------------------------------------------

const char* sigdeliver_init();
// Libc has installed its own handler for the interrupt's signal, as it does when it cancels a thread: ours comes before it.
void sig_retake_interrupt();
Delivered sig_deliver(G* gp);
// Any context: interrupts the M that runs gp.
void sig_interrupt(G* gp);

}  // namespace goshim
