// CPU sets, policies and priorities of threads. The pthread_* forms name a thread by its TCB, the sched_* forms by tid,
// which for our threads is none that the kernel knows.
#include "os/syscall.h"
#include "preload/blocking.h"
#include "preload/hook.h"
#include "preload/thread_hooks.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/wiring.h"

using namespace goshim;

namespace {

// The G that a tid names: the caller's for 0, a live one of ours for a virtual tid; null for the kernel's.
struct ByTid {
  int32_t tid;
  G* found;
};

G* g_of_tid(pid_t tid) {
  if (!started()) return nullptr;
  G* self = getg();
  if (tid == 0) return self != nullptr && self->kind == GKind::kNormal ? self : nullptr;
  ByTid by = {tid, nullptr};
  for_each_g(
      [](G* gp, void* p) {
        auto* b = static_cast<ByTid*>(p);
        if (gp->tid == b->tid && gp->kind != GKind::kForeign) b->found = gp;
      },
      &by);
  return by.found;
}

int as_errno(int err) {
  if (err == 0) return 0;
  errno = err;  // lint: allow, because these are the calls whose result is an errno
  return -1;
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
  return gp != nullptr ? as_errno(set_affinity(gp, size, cpus)) : real.sched_setaffinity(tid, size, cpus);
}

GOSHIM_HOOK(int, sched_getaffinity)(pid_t tid, size_t size, cpu_set_t* cpus) {
  G* gp = g_of_tid(tid);
  return gp != nullptr ? as_errno(get_affinity(gp, size, cpus)) : real.sched_getaffinity(tid, size, cpus);
}

GOSHIM_HOOK(int, sched_setscheduler)(pid_t tid, int policy, const struct sched_param* param) {
  G* gp = g_of_tid(tid);
  return gp != nullptr ? as_errno(set_policy(gp, policy, param->sched_priority))
                       : real.sched_setscheduler(tid, policy, param);
}
