// Start, sigm, and the choice of who gets a signal.
//
// sigm is a kernel thread that waits with sigtimedwait(2) for every signal that some G would take. (Rejected: a
// signalfd. Programs close all fds they did not open, and siginfo_t would have to be put together from its record.) The
// interrupt, which is blocked in sigm and always waited for, makes it look again at what to wait for.
#include "thread/signal.h"

#include <string.h>
#include <unistd.h>

#include "arch/amd64/signal.h"
#include "os/proc_self.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/thread_timer.h"

namespace goshim {

constinit MLock sig_lock{LockRank::kSigTable};

namespace {

constexpr uint64_t kAll = ~uint64_t{0};
constexpr uint64_t kIgnoredByDefault =
    sig_bit(SIGCHLD) | sig_bit(SIGURG) | sig_bit(SIGWINCH) | sig_bit(SIGCONT);

enum class Disposition : uint8_t { kIgnore, kDefault, kHandler };

Disposition disposition(int sig) {
  KernelSigaction act = {};
  os::sys(SYS_rt_sigaction, sig, nullptr, &act, 8);
  const auto h = reinterpret_cast<uintptr_t>(act.handler);
  if (h == reinterpret_cast<uintptr_t>(SIG_IGN)) return Disposition::kIgnore;
  if (h != reinterpret_cast<uintptr_t>(SIG_DFL)) return Disposition::kHandler;
  return (sig_bit(sig) & kIgnoredByDefault) != 0 ? Disposition::kIgnore : Disposition::kDefault;
}

struct Choice {
  uint64_t bit;
  G* gp;
};

// As the kernel: the first thread if it will have the signal, else any that will.
G* choose(int sig) GS_REQUIRES(sig_lock) {
  Choice c = {sig_bit(sig), nullptr};
  for_each_g(
      [](G* gp, void* p) {
        auto* best = static_cast<Choice*>(p);
        if (best->gp != nullptr && gp->goid != 1) return;
        if (!gp->sig.open.load_acquire()) return;  // [sig.open]
        if ((gp->sig.mask.load_relaxed() & best->bit) != 0)
          return;  // relaxed: it may change the moment after anyhow
        best->gp = gp;
      },
      &c);
  return c.gp;
}

}  // namespace

siginfo_t signal_info(int sig, int code) {
  siginfo_t info = {};
  info.si_signo = sig;
  info.si_code = code;
  info.si_pid = os::getpid();
  info.si_uid = static_cast<uid_t>(os::sys(SYS_getuid));
  return info;
}

void signal_default_action(const siginfo_t& info) {
  const int sig = info.si_signo;
  if (disposition(sig) != Disposition::kDefault) return;
  uint64_t old = 0;
  const uint64_t bit = sig_bit(sig);
  os::sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &bit, &old, 8);
  siginfo_t copy = info;
  const int32_t pid = os::getpid();
  const int32_t tid = os::gettid();
  if (os::sys(SYS_rt_tgsigqueueinfo, pid, tid, sig, &copy) != 0) os::sys(SYS_tgkill, pid, tid, sig);
  // Still here: it was a stop, or a debugger swallowed it.
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &old, nullptr, 8);
}

bool signal_send(const siginfo_t& info, G* to) {
  const int sig = info.si_signo;
  const Disposition what = disposition(sig);
  G* gp = to;
  SigWaiter* waiter;
  Ticket ticket = {};
  bool blocked = false;
  {
    MLockGuard g(sig_lock);
    waiter = sig_waiter_take(info, to);
    if (waiter != nullptr) {
      ticket = waiter->ticket;
    } else {
      if (gp == nullptr) gp = choose(sig);
      if (gp == nullptr) return false;
      blocked = (gp->sig.mask.load_seq_cst() & sig_bit(sig)) != 0;  // [sig.pending]
      const bool stays = what == Disposition::kHandler || blocked;
      if (stays && sig_queue_put(gp, info, to == nullptr) == Queued::kClosed) return to != nullptr;
    }
  }
  if (waiter != nullptr) {
    wake(ticket, Wake::kUnparked);
    return true;
  }
  if (what == Disposition::kDefault && !blocked) signal_default_action(info);
  if (what != Disposition::kHandler || blocked) return true;
  if (gp == getg()) {
    act_on_signals();
  } else {
    sig_kick(gp);
  }
  return true;
}

void sigm_main() {
  signals_shut();
  sigm_tid.store_relaxed(os::gettid());
  for (;;) {
    const uint64_t set = sigmask_sigm_waits() | sig_bit(kInterruptSignal);
    siginfo_t info;
    const long sig = os::sys(SYS_rt_sigtimedwait, &set, &info, nullptr, 8);
    if (sig <= 0 || sig == kInterruptSignal) continue;
    if (!signal_send(info, thread_timer_target(info))) sig_to_kernel(info);
  }
}

void signals_shut() {
  const uint64_t all = ~sig_bit(kSetxidSignal);
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, nullptr, 8);
}

namespace {

// What the starter had before signals_shut().
uint64_t starter_mask = 0;

// What is pending for the calling kernel thread alone, as /proc tells it.
uint64_t pending_for_thread() {
  static char buf[4096];  // one thread starts us; too large for a stack
  os::read_file("/proc/thread-self/status", buf, sizeof buf);
  constexpr const char* kKey = "\nSigPnd:\t";
  const char* at = strstr(buf, kKey);
  if (at == nullptr) return 0;
  uint64_t bits = 0;
  for (at += strlen(kKey); *at != '\n' && *at != '\0'; at++) {
    const auto digit = static_cast<uint64_t>(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    bits = bits << 4 | digit;
  }
  return bits;
}

// Signals that the starter blocks and that were sent to it alone are its G's, not of whoever will run on its M. The
// kernel gives such a one before one to the process, but does not say which it was.
void adopt_pending(G* gp) {
  uint64_t blocked = 0;
  os::sys(SYS_rt_sigpending, &blocked, 8);
  blocked &= starter_mask & ~(kSyncSignals | kOwnSignals);
  if (blocked == 0) return;
  const timespec zero = {0, 0};
  while (uint64_t set = pending_for_thread() & blocked) {
    siginfo_t info;
    if (os::sys(SYS_rt_sigtimedwait, &set, &info, &zero, 8) <= 0) return;
    MLockGuard g(sig_lock);
    sig_queue_put(gp, info, false);
  }
}

void adopt_stack(G* gp) {
  stack_t ss = {};
  os::sys(SYS_sigaltstack, nullptr, &ss);
  if ((ss.ss_flags & SS_DISABLE) != 0) return;
  gp->sig.stack = {ss.ss_sp, ss.ss_size, ss.ss_flags & ~SS_ONSTACK};
  gp->m->sig_stack = gp->sig.stack;
}

}  // namespace

const char* signals_init() {
  os::sys(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &starter_mask, 8);
  signal_ops.deliver = &sig_deliver;
  signal_ops.swap_mask = &sigmask_swap;
  signal_ops.install = &sig_install;
  signal_ops.poke = &sig_poke;
  signal_ops.interrupt = &sig_interrupt;
  return sigdeliver_init();
}

void signals_open() {
  G* gp = signal_g();
  if (gp == nullptr) {
    os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &starter_mask, nullptr, 8);
    return;
  }
  sigmask_init_g(gp, sigmask_clean(starter_mask));
  gp->sig.timer_id = -1;
  adopt_stack(gp);
  gp->m->sig_kmask = kAll;
  sig_env_update(gp);
  gp->sig.open.store_release(true);  // [sig.open]
  adopt_pending(gp);
}

void signals_new_g(G* gp, const uint64_t* mask) {
  G* self = signal_g();
  uint64_t m = 0;
  if (mask != nullptr) {
    m = *mask;
  } else if (self != nullptr) {
    m = self->sig.mask.load_relaxed();  // relaxed: our own
  } else {
    os::sys(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &m, 8);
  }
  m = sigmask_clean(m);
  sigmask_init_g(gp, m);
  gp->sig.stack = SigStack();
  gp->sig.native = false;
  gp->sig.safe_point = false;
  gp->sig.timer_id = -1;
  gp->sig.kmask = kMMask | (m & kSyncSignals);
  gp->sig_env = gp->sig.kmask == kMMask ? 0 : sig_env_new();
  gp->sig.open.store_release(true);  // [sig.open]
}

void signals_drop_g(G* gp) {
  sigmask_end_g(gp);
  gp->sig.open.store_seq_cst(false);                                       // [sig.close] [sig.open]
  if (gp->sig.pending.load_seq_cst() != 0) sig_queue_give_back(gp, true);  // [sig.close]
}

void signals_end_g() {
  G* gp = signal_g();
  if (gp == nullptr) return;
  //  [sig.close]  a thread ends, without a lock          sig_queue_put(), under the lock
  //               open = false                           pending |= the signal
  //               pending ? give all back                open ? else take it out again
  //  Both seq_cst: a signal is seen by the one or by the other.
  sigmask_end_g(gp);
  gp->sig.mask.store_relaxed(kAll);   // relaxed: ordered by the next line
  gp->sig.open.store_seq_cst(false);  // [sig.close] [sig.open]
  if (gp->sig.pending.load_seq_cst() != 0) sig_queue_give_back(gp, true);  // [sig.close]
  if (gp->sig.stack.lo != nullptr) {
    gp->sig.stack = SigStack();
    sig_env_update(gp);
  }
}

void signals_after_fork_child() GS_NO_TSA {
  sig_lock.reset_after_fork();
  sig_waiters = SigWaiters();
  thread_timers_after_fork_child();
  sig_queue_after_fork_child();
  sigmask_after_fork_child();
}

}  // namespace goshim
