#include <sys/syscall.h>

#include "preload/blocking.h"
#include "preload/kernel_state.h"
#include "preload/signal_hooks.h"
#include "preload/syscall.h"
#include "sched/deadlock.h"
#include "thread/signal.h"
#include "thread/thread.h"
#include "thread/thread_timer.h"

namespace goshim {

namespace {

template <typename T>
T* ptr(long v) {
  return reinterpret_cast<T*>(v);
}

long mask_call(const ThreadCall& s) {
  if (s.d != 8) return -EINVAL;
  sigset_t old;
  sigset_t set;
  if (s.b != 0) from_mask(&set, *ptr<uint64_t>(s.b));
  const long r = change_mask(static_cast<int>(s.a), s.b != 0 ? &set : nullptr, &old);
  if (r == 0 && s.c != 0) *ptr<uint64_t>(s.c) = to_mask(&old);
  return r;
}

long timer_call(const ThreadCall& s, G* gp) {
  const long r = thread_timer_create(static_cast<clockid_t>(s.a), *ptr<sigevent>(s.b), gp);
  if (r < 0) return r;
  *ptr<int>(s.c) = static_cast<int>(r);
  return 0;
}

long queue_call(const ThreadCall& s, G* gp) {
  siginfo_t info = *ptr<siginfo_t>(s.d);
  info.si_signo = static_cast<int>(s.c);
  if (info.si_signo < 0 || info.si_signo > 64) return -EINVAL;
  if (info.si_signo != 0) signal_send(info, gp);
  return 0;
}

// By the hook of the same name. False: it is none of these.
bool by_hook(const ThreadCall& s, long* r) {
  const auto tid = static_cast<pid_t>(s.a);
  switch (s.nr) {
    case SYS_sched_setscheduler:
      *r = hook_sched_setscheduler(tid, static_cast<int>(s.b), ptr<sched_param>(s.c));
      return true;
    case SYS_sched_getscheduler:
      *r = hook_sched_getscheduler(tid);
      return true;
    case SYS_sched_setparam:
      *r = hook_sched_setparam(tid, ptr<sched_param>(s.b));
      return true;
    case SYS_sched_getparam:
      *r = hook_sched_getparam(tid, ptr<sched_param>(s.b));
      return true;
    case SYS_sched_setaffinity:
      *r = hook_sched_setaffinity(tid, static_cast<size_t>(s.b), ptr<cpu_set_t>(s.c));
      return true;
    case SYS_sched_setattr:
      *r = hook_sched_setattr(tid, ptr<void>(s.b), static_cast<unsigned>(s.c));
      return true;
    case SYS_sched_getattr:
      *r = hook_sched_getattr(tid, ptr<void>(s.b), static_cast<unsigned>(s.c),
                              static_cast<unsigned>(s.d));
      return true;
    case SYS_setpriority:
      *r = hook_setpriority(static_cast<__priority_which_t>(s.a), static_cast<id_t>(s.b),
                            static_cast<int>(s.c));
      return true;
    case SYS_clock_gettime:
      *r = hook_clock_gettime(static_cast<clockid_t>(s.a), ptr<timespec>(s.b));
      return true;
    case SYS_capset:
      *r = hook_capset(ptr<void>(s.a), ptr<void>(s.b));
      return true;
    case SYS_capget:
      *r = hook_capget(ptr<void>(s.a), ptr<void>(s.b));
      return true;
    default:
      return false;
  }
}

// The kernel thread that stands for a thread of ours where the kernel is asked about it: its own if it is wired, else
// the caller's, as all are alike. 0: no thread of ours.
pid_t stand_in(pid_t tid) {
  G* gp = signal_g_of_tid(tid);
  if (gp == nullptr) return 0;
  return gp->kind == GKind::kWired ? gp->m->tid.load_relaxed() : os::gettid();
}

constexpr long kIoprioWhoProcess = 1;

// The answer to a call about the thread `tid`, when that is one of ours: f() with its kernel thread.
template <typename F>
bool about_thread(long tid, long* r, F f) {
  const pid_t own = stand_in(static_cast<pid_t>(tid));
  if (own != 0) *r = result<long>(f(own));
  return own != 0;
}

bool ioprio_call(const ThreadCall& s, long* r) {
  if (s.a != kIoprioWhoProcess) return false;
  if (s.nr == SYS_ioprio_set) wire_for_kernel_state();
  return s.b != 0 && about_thread(s.b, r, [&](pid_t own) { return os::sys(s.nr, s.a, own, s.c); });
}

}  // namespace

bool syscall_on_thread(const ThreadCall& s, long* r) {
  if (signal_g() == nullptr) return false;
  if (by_hook(s, r)) return true;
  G* gp = nullptr;
  switch (s.nr) {
    case SYS_rt_sigprocmask:
      *r = result<long>(mask_call(s));
      return true;
    case SYS_set_tid_address:
      thread_of(getg())->clear_tid = ptr<uint32_t>(s.a);
      *r = getg()->tid;
      return true;
    case SYS_timer_create:
      deadlock_never();
      gp = timer_thread(ptr<sigevent>(s.b));
      if (gp != nullptr) *r = result<long>(timer_call(s, gp));
      return gp != nullptr;
    case SYS_timer_delete:
      thread_timer_deleted(static_cast<int>(s.a));
      return false;
    case SYS_rt_tgsigqueueinfo:
      gp = s.a == os::getpid() ? signal_g_of_tid(static_cast<pid_t>(s.b)) : nullptr;
      if (gp != nullptr) *r = result<long>(queue_call(s, gp));
      return gp != nullptr;
    case SYS_sched_getaffinity:
      return about_thread(s.a, r, [&](pid_t own) { return os::sys(s.nr, own, s.b, s.c); });
    case SYS_getpriority:
      gp = s.a == PRIO_PROCESS && s.b != 0 ? signal_g_of_tid(static_cast<pid_t>(s.b)) : nullptr;
      if (gp != nullptr) *r = 20 - get_nice(gp);
      return gp != nullptr;
    case SYS_ioprio_set:
    case SYS_ioprio_get:
      return ioprio_call(s, r);
    default:
      if (changes_thread(s.nr, s.a)) wire_for_kernel_state();
      return false;
  }
}

}  // namespace goshim
