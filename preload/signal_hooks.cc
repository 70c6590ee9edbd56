#include "preload/signal_hooks.h"

#include <errno.h>
#include <limits.h>

#include "os/clock.h"
#include "os/syscall.h"
#include "preload/blocking.h"
#include "sched/sched.h"
#include "thread/signal.h"
#include "thread/thread_timer.h"

namespace goshim {

namespace {

constexpr uint64_t kNative = sig_bit(SIGKILL) | sig_bit(SIGSTOP);

bool is_signal(int sig) {
  return sig > 0 && sig <= 64 && sig != kInterruptSignal && sig != kSetxidSignal;
}

}  // namespace

long change_mask(int how, const sigset_t* set, sigset_t* old) {
  G* gp = signal_g();
  const uint64_t was = gp->sig.mask.load_relaxed();  // relaxed: our own
  uint64_t now = was;
  if (set != nullptr) {
    const uint64_t m = to_mask(set);
    switch (how) {
      case SIG_BLOCK:
        now |= m;
        break;
      case SIG_UNBLOCK:
        now &= ~m;
        break;
      case SIG_SETMASK:
        now = m;
        break;
      default:
        return -EINVAL;
    }
  }
  if (old != nullptr) from_mask(old, was);
  sigmask_set(gp, now);
  act_on_signals();
  return 0;
}

long send_signal(G* gp, int sig, int code, sigval value) {
  if (sig == 0) return 0;
  if (!is_signal(sig)) return -EINVAL;
  if ((sig_bit(sig) & kNative) != 0) return os::sys(SYS_kill, os::getpid(), sig);
  siginfo_t info = signal_info(sig, code);
  info.si_value = value;
  if (!signal_send(info, gp)) {
    sigmask_settle(sig);
    sig_to_kernel(info);
  }
  return 0;
}

int raise_in_kernel(int sig) {
  if (sig != 0 && !is_signal(sig)) return result<int>(-EINVAL);
  return result<int>(os::sys(SYS_tgkill, os::getpid(), os::gettid(), sig));
}

int sent_to_many(int result, int sig, bool we_too) {
  if (result != 0 || !we_too || !is_signal(sig)) return result;
  if ((signal_g()->sig.mask.load_relaxed() & sig_bit(sig)) == 0) {  // relaxed: our own
    sigmask_settle_sent(sig);
    act_on_signals();
  }
  return result;
}

G* signal_g_of_tid(pid_t tid) { return started() ? g_by_tid(tid) : nullptr; }

G* timer_thread(const sigevent* event) {
  constexpr int kThreadId = 4;  // SIGEV_THREAD_ID, which libc's header has for the kernel's sake
  if (event == nullptr || event->sigev_notify != kThreadId) return nullptr;
  return signal_g_of_tid(event->_sigev_un._tid);
}

// Since 2.34 libc's name of such a timer is the kernel's number.
long create_thread_timer(clockid_t clock, const sigevent& event, G* gp, timer_t* id) {
  const long r = thread_timer_create(clock, event, gp);
  if (r < 0) return r;
  *id = reinterpret_cast<timer_t>(r);
  return 0;
}

void forget_thread_timer(timer_t id) {
  // Libc's own timers, of SIGEV_THREAD, are pointers.
  const auto number = reinterpret_cast<intptr_t>(id);
  if (started() && number >= 0 && number <= INT_MAX) thread_timer_deleted(static_cast<int>(number));
}

// The kernel knows what sigm has taken, or what was merged since, and not what has reached the caller.
int overrun_delivered(timer_t id, int by_kernel) {
  const G* gp = signal_g();
  const bool is_last = gp != nullptr && gp->sig.timer_id == reinterpret_cast<intptr_t>(id);
  return is_last ? gp->sig.timer_overrun : by_kernel;
}

long pending_signals(sigset_t* set) {
  G* gp = signal_g();
  uint64_t in_kernel = 0;
  sigmask_claim(gp->sig.mask.load_relaxed());  // relaxed: our own
  const long r = os::sys(SYS_rt_sigpending, &in_kernel, 8);
  if (r != 0) return r;
  // relaxed: our own mask, and a snapshot
  from_mask(set, (in_kernel | gp->sig.pending.load_relaxed()) & gp->sig.mask.load_relaxed());
  return 0;
}

long suspend(const sigset_t* mask) {
  check_cancel();
  return signal_suspend(to_mask(mask));
}

long pause_here() {
  check_cancel();
  return signal_pause();
}

long wait_signal(const sigset_t* set, siginfo_t* info, const timespec* timeout) {
  check_cancel();
  if (!os::valid_timeout(timeout)) return -EINVAL;
  const int64_t deadline = timeout == nullptr ? kNever : deadline_in(os::to_ns(*timeout));
  siginfo_t got;
  const long sig = signal_wait(to_mask(set), &got, deadline);
  if (sig > 0 && info != nullptr) {
    *info = got;
    // Libc, whose raise() and pthread_kill() use it too, does not tell them apart from kill().
    if (info->si_code == SI_TKILL) info->si_code = SI_USER;
  }
  return sig;
}

int wait_signal_only(const sigset_t* set, int* sig) {
  long r;
  do {
    r = wait_signal(set, nullptr, nullptr);
  } while (r == -EINTR);
  if (r < 0) return static_cast<int>(-r);
  *sig = static_cast<int>(r);
  return 0;
}

long alternate_stack(const stack_t* ss, stack_t* old) {
  G* gp = signal_g();
  const long r = os::sys(SYS_sigaltstack, ss, old);
  if (r != 0 || ss == nullptr) return r;
  const bool none = (ss->ss_flags & SS_DISABLE) != 0;
  gp->sig.stack = none ? SigStack() : SigStack{ss->ss_sp, ss->ss_size, ss->ss_flags & ~SS_ONSTACK};
  gp->m->sig_stack = gp->sig.stack;
  sig_env_update(gp);
  return 0;
}

sighandler_t set_disposition(int sig, sighandler_t handler) {
  sigset_t one, was;
  from_mask(&one, sig_bit(sig));
  struct sigaction act = {}, old = {};
  act.sa_handler = handler;
  const bool hold = handler == SIG_HOLD;
  if (sigaction(sig, hold ? nullptr : &act, &old) != 0) return SIG_ERR;
  change_mask(hold ? SIG_BLOCK : SIG_UNBLOCK, &one, &was);
  return (to_mask(&was) & sig_bit(sig)) != 0 ? SIG_HOLD : old.sa_handler;
}

}  // namespace goshim
