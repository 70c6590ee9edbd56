#include "thread/wiring.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/debugvars.h"
#include "base/glob.h"
#include "base/slab.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/thread.h"

namespace goshim {

namespace {

// Orders: [wiring.noted] note() releases the wish -> the G, or who asks about it, acquires.
//
// Notes are few: a global list under a lock, found by G.
struct WishNote {
  G* gp;
  Wish wish;
  WishNote* next;
};
constinit MLock lock{LockRank::kThread};
constinit Slab<WishNote> slab;
constinit WishNote* notes GS_GUARDED_BY(lock) = nullptr;
constinit WishNote* spare GS_GUARDED_BY(lock) = nullptr;
constinit bool main_is_tied = false;  // written while there is one thread

WishNote* find(G* gp) GS_REQUIRES(lock) {
  for (WishNote* n = notes; n != nullptr; n = n->next) {
    if (n->gp == gp) return n;
  }
  return nullptr;
}

WishNote* find_or_make(G* gp) GS_REQUIRES(lock) {
  WishNote* n = find(gp);
  if (n != nullptr) return n;
  n = spare;
  if (n != nullptr) {
    spare = n->next;
  } else {
    n = slab.alloc();
    if (n == nullptr) return nullptr;
  }
  n->gp = gp;
  n->wish = Wish();
  n->next = notes;
  notes = n;
  return n;
}

bool take(G* gp, Wish* w) {
  MLockGuard g(lock);
  for (WishNote** link = &notes; *link != nullptr; link = &(*link)->next) {
    WishNote* n = *link;
    if (n->gp != gp) continue;
    *w = n->wish;
    *link = n->next;
    n->next = spare;
    spare = n;
    return true;
  }
  return false;
}

bool look(G* gp, Wish* w) {
  if (!gp->wish_noted.load_acquire()) return false;  // [wiring.noted]
  MLockGuard g(lock);
  WishNote* n = find(gp);
  if (n == nullptr) return false;
  *w = n->wish;
  return true;
}

template <typename F>
int note(G* gp, F f) {
  MLockGuard g(lock);
  WishNote* n = find_or_make(gp);
  if (n == nullptr) return ENOMEM;
  f(n->wish);
  gp->wish_noted.store_release(true);  // [wiring.noted]
  return 0;
}

// The kernel thread of a wired (or the calling) G; 0 is the caller itself, -1: it has none of its own.
int32_t kernel_tid(G* gp) {
  if (gp == getg()) return 0;
  M* mp = gp->m;
  return gp->kind == GKind::kWired && mp != nullptr ? mp->tid.load_relaxed() : -1;
}

int set_policy_of(int32_t tid, int policy, int priority) {
  return static_cast<int>(-os::sys(SYS_sched_setscheduler, tid, policy, &priority));
}

}  // namespace

int set_affinity(G* gp, size_t size, const void* mask) {
  if (gp == getg()) wire_self();
  const int32_t tid = kernel_tid(gp);
  if (tid >= 0) return static_cast<int>(-os::sys(SYS_sched_setaffinity, tid, size, mask));
  CpuMask cpus;
  memcpy(cpus.bits, mask, size < sizeof cpus.bits ? size : sizeof cpus.bits);
  uint64_t any = 0;
  for (int i = 0; i < 16; i++) any |= cpus.bits[i] & sched.cpus[i];
  if (any == 0) return EINVAL;
  return note(gp, [&](Wish& w) {
    w.affinity = true;
    w.cpus = cpus;
  });
}

int get_affinity(G* gp, size_t size, void* mask) {
  Wish w;
  const int32_t tid = gp->kind == GKind::kWired ? kernel_tid(gp) : -1;
  if (tid >= 0) {
    const long n = os::sys(SYS_sched_getaffinity, tid, size, mask);
    if (n < 0) return static_cast<int>(-n);
    memset(static_cast<char*>(mask) + n, 0, size - static_cast<size_t>(n));
    return 0;
  }
  const uint64_t* bits = look(gp, &w) && w.affinity ? w.cpus.bits : sched.cpus;
  size_t used = sizeof w.cpus.bits;
  while (used > 0 && bits[used / 8 - 1] == 0) used -= 8;
  if (size < used) return EINVAL;
  memset(mask, 0, size);
  memcpy(mask, bits, used);
  return 0;
}

namespace {

bool may_all_with_priorities() {
  struct {
    uint32_t version;
    int pid;
  } head = {0x20080522, 0};
  struct {
    uint32_t effective, permitted, inheritable;
  } caps[2] = {};
  os::sys(SYS_capget, &head, static_cast<void*>(caps));
  constexpr uint32_t kCapSysNice = 1 << 23;
  return (caps[0].effective & kCapSysNice) != 0;
}

// The kernel's limits count niceness from the other end.
constexpr int kNiceTop = 20;

}  // namespace

int policy_allowed(int policy, int priority) {
  const long lo = os::sys(SYS_sched_get_priority_min, policy);
  const long hi = os::sys(SYS_sched_get_priority_max, policy);
  if (lo < 0 || priority < lo || priority > hi) return EINVAL;
  if (policy != SCHED_FIFO && policy != SCHED_RR) return 0;
  rlimit rl = {};
  os::sys(SYS_prlimit64, 0, RLIMIT_RTPRIO, nullptr, &rl);
  if (rl.rlim_cur >= static_cast<rlim_t>(priority)) return 0;
  return may_all_with_priorities() ? 0 : EPERM;
}

int get_nice(G* gp) {
  Wish w;
  const int32_t tid = gp->kind == GKind::kWired ? kernel_tid(gp) : -1;
  if (tid < 0 && look(gp, &w) && w.nice) return w.nice_value;
  return kNiceTop - static_cast<int>(os::sys(SYS_getpriority, PRIO_PROCESS, tid < 0 ? 0 : tid));
}

int set_nice(G* gp, int value) {
  value = value < -20 ? -20 : value > 19 ? 19 : value;
  const int now = get_nice(gp);
  if (now == value) return 0;
  if (value < now && !may_all_with_priorities()) {
    rlimit rl = {};
    os::sys(SYS_prlimit64, 0, RLIMIT_NICE, nullptr, &rl);
    if (rl.rlim_cur < static_cast<rlim_t>(kNiceTop - value)) return EACCES;
  }
  if (gp == getg()) wire_for_kernel_state();
  const int32_t tid = kernel_tid(gp);
  if (tid >= 0) return static_cast<int>(-os::sys(SYS_setpriority, PRIO_PROCESS, tid, value));
  return note(gp, [&](Wish& w) {
    w.nice = true;
    w.nice_value = value;
  });
}

int set_policy(G* gp, int policy, int priority) {
  if (int err = policy_allowed(policy, priority); err != 0) return err;
  int now = 0, prio = 0;
  if (get_policy(gp, &now, &prio) == 0 && now == policy && prio == priority) return 0;
  if (gp == getg()) wire_self();
  const int32_t tid = kernel_tid(gp);
  if (tid >= 0) return set_policy_of(tid, policy, priority);
  return note(gp, [&](Wish& w) {
    w.policy = true;
    w.policy_value = policy;
    w.priority = priority;
  });
}

int get_policy(G* gp, int* policy, int* priority) {
  Wish w;
  if (gp->kind != GKind::kWired && look(gp, &w) && w.policy) {
    *policy = w.policy_value;
    *priority = w.priority;
    return 0;
  }
  // A G that is not wired runs on any M, and they are all alike: the one under the caller will do.
  const int32_t tid = gp->kind == GKind::kWired ? kernel_tid(gp) : 0;
  const long r = os::sys(SYS_sched_getscheduler, tid < 0 ? 0 : tid);
  if (r < 0) return static_cast<int>(-r);
  os::sys(SYS_sched_getparam, tid < 0 ? 0 : tid, priority);
  *policy = static_cast<int>(r);
  return 0;
}

void wish_for(G* gp, const Wish& wish) {
  note(gp, [&](Wish& w) { w = wish; });
}

namespace {

// Apart: clearing a Wish is a good part of what it costs to make a thread.
GS_NOINLINE void inherit_from_wired(G* gp, G* self) {
  Wish w;
  os::sys(SYS_sched_getaffinity, 0, sizeof w.cpus.bits, static_cast<uint64_t*>(w.cpus.bits));
  w.affinity = memcmp(w.cpus.bits, sched.cpus, sizeof sched.cpus) != 0;
  get_policy(self, &w.policy_value, &w.priority);
  w.policy = w.policy_value != SCHED_OTHER;
  if (w.affinity || w.policy) wish_for(gp, w);
}

}  // namespace

void inherit_wish(G* gp) {
  G* self = getg();
  if (GS_UNLIKELY(is_wired(self)) && !self->m->odd) inherit_from_wired(gp, self);
}

namespace {

bool wire_wanted(const char* name) {
  for (const char* glob = options.wire;; glob++) {
    const char* end = strchrnul(glob, ',');
    if (end != glob && glob_fits(glob, end, name)) return true;
    if (*end == 0) return false;
    glob = end;
  }
}

}  // namespace

void wire_by_name(G* gp, const char* name) {
  if (GS_LIKELY(options.wire == nullptr) || !wire_wanted(name)) return;
  if (gp == getg()) {
    wire_self();
  } else {
    note(gp, [](Wish&) {});
  }
}

void wire_to_this_thread() {
  if (started()) {
    wire_for_kernel_state();
  } else {
    main_is_tied = true;
  }
}

void wire_main(G* gp) {
  if (main_is_tied) wire_for_kernel_state();
  wire_by_name(gp, thread_name(gp));
}

void wiring_apply() {
  G* gp = getg();
  Wish w;
  gp->wish_noted.store_relaxed(false);
  if (!take(gp, &w)) return;
  wire_self();
  if (w.affinity) {
    os::sys(SYS_sched_setaffinity, 0, sizeof w.cpus.bits,
            static_cast<const uint64_t*>(w.cpus.bits));
  }
  if (w.policy) set_policy_of(0, w.policy_value, w.priority);
  if (!w.nice) return;
  wire_for_kernel_state();
  os::sys(SYS_setpriority, PRIO_PROCESS, 0, w.nice_value);
}

void wiring_after_fork_child() GS_NO_TSA {
  lock.reset_after_fork();
  slab.reset_after_fork();
  notes = spare = nullptr;
  main_is_tied = false;
}

}  // namespace goshim
