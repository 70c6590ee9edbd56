// CPU sets, policies and priorities of threads. The pthread_* forms name a thread by its TCB, the sched_* forms by tid,
// which for our threads is none that the kernel knows.
#include "sched/sched.h"
#include "os/clock.h"
#include "os/syscall.h"
#include "preload/blocking.h"
#include "preload/hook.h"
#include "preload/thread_hooks.h"
#include "sched/cpu_clock.h"
#include "sched/tls.h"
#include "thread/wiring.h"

using namespace goshim;

namespace {

// The G that a tid names: the caller's for 0, a live one of ours for a virtual tid; null for the kernel's.
G* g_of_tid(pid_t tid) {
  if (!started()) return nullptr;
  G* self = getg();
  if (self != nullptr && self->kind == GKind::kForeign) self = nullptr;
  if (tid == 0 || (self != nullptr && tid == self->tid)) return self;
  return g_by_tid(tid);
}

constexpr int kPerThread = 4;
constexpr int kClockKind = 3;  // all ones: none of the kinds there are

// The G that a thread's CPU clock belongs to; null for the kernel's clocks.
G* g_of_clock(clockid_t clock) {
  if (clock == CLOCK_THREAD_CPUTIME_ID) return g_of_tid(0);
  if (clock >= 0 || (clock & kPerThread) == 0 || (clock & kClockKind) == kClockKind) return nullptr;
  return g_of_tid(static_cast<pid_t>(~(clock >> 3)));
}

int cpu_clock_read(G* gp, struct timespec* ts) {
  const int64_t ns = g_cpu_time(gp);
  *ts = {ns / os::kSecond, ns % os::kSecond};
  return 0;
}

void cpu_into_rusage(G* gp, struct rusage* ru) {
  // How much of it the kernel spent is known for Ms only.
  const int64_t us = g_cpu_time(gp) / 1000;
  ru->ru_utime = {us / 1000000, us % 1000000};
  ru->ru_stime = {0, 0};
}

// The kernel thread of a wired G; 0, the caller's, for another, whose Ms are all alike.
pid_t tid_of_model(G* gp) {
  return gp->kind == GKind::kWired && gp != getg() ? gp->m->tid.load_relaxed() : 0;
}

// The same, but -1 for another G without a kernel thread of its own.
pid_t tid_of_own(G* gp) {
  if (gp == getg()) return 0;
  return gp->kind == GKind::kWired ? gp->m->tid.load_relaxed() : -1;
}

int as_errno(int err) {
  if (err == 0) return 0;
  errno = err;  // lint: allow, because these are the calls whose result is an errno
  return -1;
}

int add_nice(G* gp, int more) {
  const int err = set_nice(gp, get_nice(gp) + more);
  return err == 0 ? get_nice(gp) : as_errno(err == EACCES ? EPERM : err);
}

}  // namespace

GOSHIM_HOOK(int, pthread_setaffinity_np)(pthread_t id, size_t size, const cpu_set_t* cpus) {
  G* gp = live_g(id);
  return gp != nullptr ? set_affinity(gp, size, cpus) : real.pthread_setaffinity_np(id, size, cpus);
}

GOSHIM_HOOK(int, pthread_getaffinity_np)(pthread_t id, size_t size, cpu_set_t* cpus) {
  G* gp = live_g(id);
  return gp != nullptr ? get_affinity(gp, size, cpus) : real.pthread_getaffinity_np(id, size, cpus);
}

GOSHIM_HOOK(int, pthread_setschedparam)(pthread_t id, int policy, const struct sched_param* param) {
  G* gp = live_g(id);
  return gp != nullptr ? set_policy(gp, policy, param->sched_priority)
                       : real.pthread_setschedparam(id, policy, param);
}

GOSHIM_HOOK(int, pthread_getschedparam)(pthread_t id, int* policy, struct sched_param* param) {
  G* gp = live_g(id);
  return gp != nullptr ? get_policy(gp, policy, &param->sched_priority)
                       : real.pthread_getschedparam(id, policy, param);
}

GOSHIM_HOOK(int, pthread_setschedprio)(pthread_t id, int priority) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_setschedprio(id, priority);
  int policy = 0, old = 0;
  const int err = get_policy(gp, &policy, &old);
  return err != 0 ? err : set_policy(gp, policy, priority);
}

GOSHIM_HOOK(int, sched_setaffinity)(pid_t tid, size_t size, const cpu_set_t* cpus) {
  G* gp = g_of_tid(tid);
  return gp != nullptr ? as_errno(set_affinity(gp, size, cpus))
                       : real.sched_setaffinity(tid, size, cpus);
}

GOSHIM_HOOK(int, sched_getaffinity)(pid_t tid, size_t size, cpu_set_t* cpus) {
  G* gp = g_of_tid(tid);
  return gp != nullptr ? as_errno(get_affinity(gp, size, cpus))
                       : real.sched_getaffinity(tid, size, cpus);
}

GOSHIM_HOOK(int, sched_setscheduler)(pid_t tid, int policy, const struct sched_param* param) {
  G* gp = g_of_tid(tid);
  if (param == nullptr) return as_errno(EINVAL);
  return gp != nullptr ? as_errno(set_policy(gp, policy, param->sched_priority))
                       : real.sched_setscheduler(tid, policy, param);
}
GOSHIM_EXPORT_AS(__sched_setscheduler, sched_setscheduler);

GOSHIM_HOOK(int, sched_rr_get_interval)(pid_t tid, struct timespec* interval) {
  G* gp = g_of_tid(tid);
  return real.sched_rr_get_interval(gp != nullptr ? tid_of_model(gp) : tid, interval);
}

GOSHIM_HOOK(int, sched_setattr)(pid_t tid, void* attr, unsigned flags) {
  G* gp = g_of_tid(tid);
  if (gp != nullptr && gp == getg()) wire_for_kernel_state();
  const pid_t model = gp != nullptr ? tid_of_own(gp) : tid;
  return result<int>(model < 0 ? -EOPNOTSUPP : os::sys(SYS_sched_setattr, model, attr, flags));
}

GOSHIM_HOOK(int, sched_getattr)(pid_t tid, void* attr, unsigned size, unsigned flags) {
  G* gp = g_of_tid(tid);
  return result<int>(
      os::sys(SYS_sched_getattr, gp != nullptr ? tid_of_model(gp) : tid, attr, size, flags));
}

GOSHIM_HOOK(int, setpriority)(__priority_which_t which, id_t who, int priority) {
  G* gp = which == PRIO_PROCESS ? g_of_tid(static_cast<pid_t>(who)) : nullptr;
  return gp != nullptr ? as_errno(set_nice(gp, priority)) : real.setpriority(which, who, priority);
}

GOSHIM_HOOK(int, getpriority)(__priority_which_t which, id_t who) {
  G* gp = which == PRIO_PROCESS ? g_of_tid(static_cast<pid_t>(who)) : nullptr;
  return gp != nullptr ? get_nice(gp) : real.getpriority(which, who);
}

// Returns the new value; what it may not is EPERM here.
GOSHIM_HOOK(int, nice)(int more) {
  G* gp = g_of_tid(0);
  return gp != nullptr ? add_nice(gp, more) : real.nice(more);
}

GOSHIM_HOOK(int, sched_getscheduler)(pid_t tid) {
  G* gp = g_of_tid(tid);
  int policy = 0, priority = 0;
  if (gp == nullptr) return real.sched_getscheduler(tid);
  return as_errno(get_policy(gp, &policy, &priority)) == 0 ? policy : -1;
}
GOSHIM_EXPORT_AS(__sched_getscheduler, sched_getscheduler);

GOSHIM_HOOK(int, sched_getparam)(pid_t tid, struct sched_param* param) {
  G* gp = g_of_tid(tid);
  int policy = 0;
  if (param == nullptr) return as_errno(EINVAL);
  return gp != nullptr ? as_errno(get_policy(gp, &policy, &param->sched_priority))
                       : real.sched_getparam(tid, param);
}
GOSHIM_EXPORT_AS(__sched_getparam, sched_getparam);

GOSHIM_HOOK(int, sched_setparam)(pid_t tid, const struct sched_param* param) {
  G* gp = g_of_tid(tid);
  int policy = 0, priority = 0;
  if (gp == nullptr) return real.sched_setparam(tid, param);
  if (param == nullptr) return as_errno(EINVAL);
  if (int err = get_policy(gp, &policy, &priority); err != 0) return as_errno(err);
  return as_errno(set_policy(gp, policy, param->sched_priority));
}

GOSHIM_HOOK(int, clock_gettime)(clockid_t clock, struct timespec* ts) {
  if (GS_LIKELY(clock >= 0 && clock != CLOCK_THREAD_CPUTIME_ID))
    return real.clock_gettime(clock, ts);
  G* gp = g_of_clock(clock);
  return gp != nullptr ? cpu_clock_read(gp, ts) : real.clock_gettime(clock, ts);
}

// What the kernel says of any thread's clock holds for ours.
GOSHIM_HOOK(int, clock_getres)(clockid_t clock, struct timespec* ts) {
  const bool virtual_one = clock < 0 && g_of_clock(clock) != nullptr;
  return real.clock_getres(virtual_one ? CLOCK_THREAD_CPUTIME_ID : clock, ts);
}

GOSHIM_HOOK(int, clock_settime)(clockid_t clock, const struct timespec* ts) {
  const bool virtual_one = clock < 0 && g_of_clock(clock) != nullptr;
  return virtual_one ? as_errno(EPERM) : real.clock_settime(clock, ts);
}

GOSHIM_HOOK(int, pthread_getcpuclockid)(pthread_t id, clockid_t* clock) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_getcpuclockid(id, clock);
  *clock = os::thread_cpu_clock(gp->tid);
  return 0;
}

GOSHIM_HOOK(int, getrusage)(__rusage_who_t who, struct rusage* ru) {
  const int r = real.getrusage(who, ru);
  G* gp = who == RUSAGE_THREAD && r == 0 ? g_of_tid(0) : nullptr;
  if (gp != nullptr) cpu_into_rusage(gp, ru);
  return r;
}
