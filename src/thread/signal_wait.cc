// sigwait and its kin, sigsuspend, pause.
#include "os/clock.h"
#include "os/syscall.h"
#include "sched/park.h"
#include "sched/tls.h"
#include "thread/signal.h"
#include "thread/thread_timer.h"

namespace goshim {

constinit SigWaiters sig_waiters = {};

namespace {

// What is there already, for the G or for the process.
long take_now(G* gp, uint64_t set, siginfo_t* info) {
  if ((gp->sig.pending.load_seq_cst() & set) != 0) {  // [sig.pending]
    MLockGuard g(sig_lock);
    if (sig_queue_take(gp, set, info)) return info->si_signo;
  }
  const timespec zero = {0, 0};
  for (;;) {
    const long r = os::sys(SYS_rt_sigtimedwait, &set, info, &zero, 8);
    G* to = r > 0 ? thread_timer_target(*info) : nullptr;
    if (to == nullptr || to == gp) {
      if (r > 0) sig_note_timer(gp, *info);
      return r;
    }
    signal_send(*info, to);
  }
}

void leave(SigWaiter* w) {
  MLockGuard g(sig_lock);
  if (!w->filled) sig_waiters.erase(w);
}

// Parks until a handler has run.
long wait_for_handler(G* gp) {
  for (;;) {
    const Ticket t = park_prepare();
    if (sig_deliverable(gp)) {
      park_cancel(t);
    } else if (gopark(t, WaitReason::kPause) == Wake::kCancel) {
      check_cancel();
    }
    if (act_on_signals() != Delivered::kNothing) return -EINTR;
  }
}

}  // namespace

SigWaiter* sig_waiter_take(const siginfo_t& info, G* gp) {
  const uint64_t bit = sig_bit(info.si_signo);
  for (SigWaiter* w = sig_waiters.front(); w != nullptr; w = SigWaiters::next(w)) {
    if ((w->set & bit) == 0 || (gp != nullptr && w->gp != gp)) continue;
    sig_waiters.erase(w);
    *w->info = info;
    w->filled = true;
    return w;
  }
  return nullptr;
}

long signal_wait(uint64_t set, siginfo_t* info, int64_t deadline) {
  G* gp = getg();
  set = sigmask_clean(set);
  sigmask_claim(set);
  long r = take_now(gp, set, info);
  if (r > 0 || (deadline != kNever && deadline <= os::nanotime())) return r;
  for (;;) {
    SigWaiter w;
    w.gp = gp;
    w.set = set;
    w.info = info;
    w.ticket = park_prepare();
    bool late = false;
    {
      MLockGuard g(sig_lock);
      late = sig_queue_take(gp, set, info);
      if (!late) {
        sig_waiters.push_back(&w);
        sigmask_tell_sigm();
      }
    }
    if (late) {
      park_cancel(w.ticket);
      return info->si_signo;
    }
    sigmask_claim(set);
    const Wake why = gopark(w.ticket, WaitReason::kSigWait, deadline);
    leave(&w);
    if (w.filled) {
      sig_note_timer(gp, *info);
      return info->si_signo;
    }
    if (why == Wake::kTimeout) return -EAGAIN;
    if (why == Wake::kCancel) check_cancel();
    if (why == Wake::kSignal && act_on_signals() != Delivered::kNothing) return -EINTR;
  }
}

long signal_suspend(uint64_t mask) {
  G* gp = getg();
  const uint64_t old = gp->sig.mask.load_relaxed();  // relaxed: our own
  sigmask_set(gp, mask);
  const long r = wait_for_handler(gp);
  sigmask_set(gp, old);
  act_on_signals();
  return r;
}

long signal_pause() { return wait_for_handler(getg()); }

}  // namespace goshim
