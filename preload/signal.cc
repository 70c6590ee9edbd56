// Signals: masks, sending, waiting, the alternate stack. Dispositions (sigaction, signal, siginterrupt) are libc's own.
#include "thread/signal.h"
#include "preload/blocking.h"
#include "preload/hook.h"
#include "preload/signal_hooks.h"
#include "preload/thread_hooks.h"

using namespace goshim;

// ---- masks ----

GOSHIM_HOOK(int, pthread_sigmask)(int how, const sigset_t* set, sigset_t* old) {
  if (signal_g() == nullptr) return real.pthread_sigmask(how, set, old);
  return static_cast<int>(-change_mask(how, set, old));
}

GOSHIM_HOOK(int, sigprocmask)(int how, const sigset_t* set, sigset_t* old) {
  if (signal_g() == nullptr) return real.sigprocmask(how, set, old);
  return result<int>(change_mask(how, set, old));
}

GOSHIM_HOOK(int, sigblock)(int mask) {
  if (signal_g() == nullptr) return real.sigblock(mask);
  sigset_t set, old;
  from_mask(&set, static_cast<unsigned>(mask));
  change_mask(SIG_BLOCK, &set, &old);
  return static_cast<int>(to_mask(&old));
}

GOSHIM_HOOK(int, sigsetmask)(int mask) {
  if (signal_g() == nullptr) return real.sigsetmask(mask);
  sigset_t set, old;
  from_mask(&set, static_cast<unsigned>(mask));
  change_mask(SIG_SETMASK, &set, &old);
  return static_cast<int>(to_mask(&old));
}

GOSHIM_HOOK(int, siggetmask)() { return hook_sigblock(0); }

GOSHIM_HOOK(int, sighold)(int sig) {
  if (signal_g() == nullptr || sig < 1 || sig > 64) return real.sighold(sig);
  sigset_t set;
  from_mask(&set, sig_bit(sig));
  return result<int>(change_mask(SIG_BLOCK, &set, nullptr));
}

GOSHIM_HOOK(int, sigrelse)(int sig) {
  if (signal_g() == nullptr || sig < 1 || sig > 64) return real.sigrelse(sig);
  sigset_t set;
  from_mask(&set, sig_bit(sig));
  return result<int>(change_mask(SIG_UNBLOCK, &set, nullptr));
}

GOSHIM_HOOK(sighandler_t, sigset)(int sig, sighandler_t handler) {
  if (signal_g() == nullptr || sig < 1 || sig > 64) return real.sigset(sig, handler);
  return set_disposition(sig, handler);
}

GOSHIM_HOOK(int, sigpending)(sigset_t* set) {
  if (signal_g() == nullptr) return real.sigpending(set);
  return result<int>(pending_signals(set));
}

// ---- sending ----

GOSHIM_HOOK(int, kill)(pid_t pid, int sig) {
  if (signal_g() == nullptr) return real.kill(pid, sig);
  if (pid != os::getpid()) return sent_to_many(real.kill(pid, sig), sig, pid <= 0);
  return result<int>(send_signal(nullptr, sig, SI_USER, {}));
}

GOSHIM_HOOK(int, killpg)(pid_t group, int sig) {
  const int r = real.killpg(group, sig);
  return signal_g() != nullptr ? sent_to_many(r, sig, true) : r;
}

GOSHIM_HOOK(int, pidfd_send_signal)(int pidfd, int sig, siginfo_t* info, unsigned flags) {
  const int r = real.pidfd_send_signal(pidfd, sig, info, flags);
  return signal_g() != nullptr ? sent_to_many(r, sig, true) : r;
}

GOSHIM_HOOK(int, raise)(int sig) {
  if (signal_g() == nullptr) return libc_patched ? raise_in_kernel(sig) : real.raise(sig);
  return result<int>(send_signal(signal_g(), sig, SI_TKILL, {}));
}
GOSHIM_EXPORT_AS(gsignal, raise);

GOSHIM_HOOK(int, pthread_kill)(pthread_t id, int sig) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_kill(id, sig);
  return static_cast<int>(-send_signal(gp, sig, SI_TKILL, {}));
}

GOSHIM_HOOK(int, pthread_sigqueue)(pthread_t id, int sig, const union sigval value) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_sigqueue(id, sig, value);
  return static_cast<int>(-send_signal(gp, sig, SI_QUEUE, value));
}

GOSHIM_HOOK(int, tgkill)(pid_t pid, pid_t tid, int sig) {
  G* gp = pid == os::getpid() ? signal_g_of_tid(tid) : nullptr;
  if (gp == nullptr) return real.tgkill(pid, tid, sig);
  return result<int>(send_signal(gp, sig, SI_TKILL, {}));
}

GOSHIM_HOOK(int, sigqueue)(pid_t pid, int sig, const union sigval value) {
  if (signal_g() == nullptr || pid != os::getpid()) return real.sigqueue(pid, sig, value);
  return result<int>(send_signal(nullptr, sig, SI_QUEUE, value));
}

// ---- waiting ----

GOSHIM_HOOK(int, pause)() {
  if (signal_g() == nullptr) return real.pause();
  return result<int>(pause_here());
}

GOSHIM_HOOK(int, sigsuspend)(const sigset_t* mask) {
  if (signal_g() == nullptr) return real.sigsuspend(mask);
  return result<int>(suspend(mask));
}
GOSHIM_EXPORT_AS(__sigsuspend, sigsuspend);

// BSD's takes a mask, X/Open's the one signal to let in.
GOSHIM_HOOK(int, sigpause)(int mask) {
  if (signal_g() == nullptr) return real.sigpause(mask);
  sigset_t set;
  from_mask(&set, static_cast<unsigned>(mask));
  return result<int>(suspend(&set));
}

GOSHIM_HOOK(int, __xpg_sigpause)(int sig) {
  G* gp = signal_g();
  if (gp == nullptr || sig < 1 || sig > 64) return real.__xpg_sigpause(sig);
  sigset_t set;
  from_mask(&set, gp->sig.mask.load_relaxed() & ~sig_bit(sig));  // relaxed: our own
  return result<int>(suspend(&set));
}

GOSHIM_HOOK(int, __sigpause)(int sig_or_mask, int is_sig) {
  return is_sig != 0 ? hook___xpg_sigpause(sig_or_mask) : hook_sigpause(sig_or_mask);
}

GOSHIM_HOOK(int, sigwait)(const sigset_t* set, int* sig) {
  if (signal_g() == nullptr) return real.sigwait(set, sig);
  return wait_signal_only(set, sig);
}

GOSHIM_HOOK(int, sigwaitinfo)(const sigset_t* set, siginfo_t* info) {
  if (signal_g() == nullptr) return real.sigwaitinfo(set, info);
  return result<int>(wait_signal(set, info, nullptr));
}

GOSHIM_HOOK(int, sigtimedwait)
(const sigset_t* set, siginfo_t* info, const struct timespec* timeout) {
  if (signal_g() == nullptr) return real.sigtimedwait(set, info, timeout);
  return result<int>(wait_signal(set, info, timeout));
}

// ---- the alternate stack ----

GOSHIM_HOOK(int, sigaltstack)(const stack_t* ss, stack_t* old) {
  if (signal_g() == nullptr) return real.sigaltstack(ss, old);
  return result<int>(alternate_stack(ss, old));
}
