#include "preload/thread_hooks.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>

#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "os/clock.h"
#include "os/memory.h"
#include "os/syscall.h"
#include "preload/patch.h"
#include "preload/real.h"
#include "runtime/runtime.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/tls.h"
#include "thread/cancel.h"
#include "thread/signal.h"
#include "thread/wiring.h"

namespace goshim {

namespace {

constexpr size_t kNameLen = 16;  // TASK_COMM_LEN

// What a thread without an attribute gets; read when first needed, as libc reads RLIMIT_STACK at its start, and again
// after pthread_setattr_default_np().
constinit Atomic<size_t> default_stack;
constinit Atomic<bool> default_attr_is_set;

size_t default_stack_size() {
  size_t size = default_stack.load_relaxed();  // relaxed: every thread computes the same
  if (size != 0) return size;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_getstacksize(&attr, &size);
  pthread_attr_destroy(&attr);
  // relaxed: as above
  if (options.stack_size != 0 && !default_attr_is_set.load_relaxed())
    size = static_cast<size_t>(options.stack_size);
  default_stack.store_relaxed(size);
  return size;
}

// The slot for a stack of this size. Small stacks are the ones whose every byte counts: libc puts guard and TLS on top
// of nothing, so we add them. For large ones the nearest power of two may be short by the guard.
size_t slot_size(size_t stack, size_t guard) {
  constexpr size_t kSmall = 256 << 10;
  return stack < kSmall ? stack + guard + tls_block_size() : stack;
}

// Main's unwinding ends in libc, which would then run the destructors of keys and end this kernel thread. This key's
// destructor is where we get hold of it before that.
pthread_key_t main_exit_key;
Atomic<uint32_t> main_exit_key_made;

void main_exit(void*) {
  key_run_destructors();
  thread_main_exited();
}

void catch_main_exit() {
  if (main_exit_key_made.exchange_relaxed(1) == 0)
    real.pthread_key_create(&main_exit_key, &main_exit);
  pthread_setspecific(main_exit_key, &main_exit_key);
}

// Slots end anywhere in their last page; programs expect whole pages.
char* page_above(char* p) {
  return reinterpret_cast<char*>(os::round_up(reinterpret_cast<uintptr_t>(p), os::kPage));
}

void cancelled(G*) {
  before_exit(PTHREAD_CANCELED);
  real.pthread_exit(PTHREAD_CANCELED);
}

}  // namespace

bool start_for(const pthread_attr_t*) {
  if (!runtime_start(real.pthread_create, &patch_libc)) return false;
  if (signal_ops.cancel == nullptr) signal_ops.cancel = &cancelled;
  return true;
}

void default_attr_changed() {
  default_attr_is_set.store_relaxed(true);
  default_stack.store_relaxed(0);
}

namespace {

// Would the kernel take this set? Where it is not plain it is asked, with the calling kernel thread.
bool cpus_allowed(const cpu_set_t& cpus) {
  cpu_set_t mine = {};
  cpu_set_t both;
  if (os::sys(SYS_sched_getaffinity, 0, sizeof mine, &mine) < 0) return true;
  CPU_AND(&both, &mine, &cpus);
  if (CPU_COUNT(&both) != 0) return true;
  if (os::sys(SYS_sched_setaffinity, 0, sizeof cpus, &cpus) != 0) return false;
  os::sys(SYS_sched_setaffinity, 0, sizeof mine, &mine);
  return true;
}

// The scheduling half of an attribute, into *wish; 0, EINVAL or EPERM.
int read_attr_sched(const pthread_attr_t* attr, Wish* wish, ThreadAttr* out) {
  cpu_set_t cpus;
  // libc says "all ones" for an attribute without a set.
  if (pthread_attr_getaffinity_np(attr, sizeof cpus, &cpus) == 0 &&
      CPU_COUNT(&cpus) != CPU_SETSIZE) {
    static_assert(sizeof cpus == sizeof wish->cpus.bits);
    memcpy(wish->cpus.bits, &cpus, sizeof cpus);
    wish->affinity = true;
    if (!cpus_allowed(cpus)) return EINVAL;
  }
  int inherit = PTHREAD_INHERIT_SCHED;
  pthread_attr_getinheritsched(attr, &inherit);
  if (inherit == PTHREAD_EXPLICIT_SCHED) {
    sched_param param = {};
    pthread_attr_getschedpolicy(attr, &wish->policy_value);
    pthread_attr_getschedparam(attr, &param);
    wish->priority = param.sched_priority;
    if (int err = policy_allowed(wish->policy_value, wish->priority); err != 0) return err;
    wish->policy = wish->policy_value != SCHED_OTHER;
  }
  if (wish->affinity || wish->policy) out->wish = wish;
  return 0;
}

// The rest, over the defaults in *out; 0, or EINVAL for a stack that libc would refuse too.
int read_attr(const pthread_attr_t* attr, ThreadAttr* out) {
  int detach = 0;
  void* addr = nullptr;
  size_t size = 0;
  size_t guard = 0;
  pthread_attr_getdetachstate(attr, &detach);
  pthread_attr_getguardsize(attr, &guard);
  pthread_attr_getstack(attr, &addr, &size);
  sigset_t mask;
  out->has_sigmask = pthread_attr_getsigmask_np(attr, &mask) == 0;
  if (out->has_sigmask) memcpy(&out->sigmask, &mask, sizeof out->sigmask);
  out->detached = detach == PTHREAD_CREATE_DETACHED;
  // An unset stack has a zero upper end.
  if (reinterpret_cast<uintptr_t>(addr) + size != 0) {
    if (size < static_cast<size_t>(PTHREAD_STACK_MIN)) return EINVAL;
    out->stack_lo = static_cast<char*>(addr);
    out->stack_size = size;
    out->guard_size = 0;
    return 0;
  }
  size_t asked = 0;
  pthread_attr_getstacksize(attr, &asked);
  // libc reports its own default for an attribute without a size; then ours holds.
  if (size != 0) out->stack_size = asked;
  out->guard_size = os::round_up(guard, os::kPage);
  if (out->guard_size + 2 * os::kPage > out->stack_size + out->guard_size) return EINVAL;
  const size_t usable = out->stack_size;
  out->stack_size = slot_size(usable, out->guard_size);
  // A guard larger than the stack itself: on top.
  if (out->guard_size > usable / 4) out->stack_size = usable + out->guard_size + tls_block_size();
  return 0;
}

int create_with(pthread_t* id, const pthread_attr_t* attr, void* (*start)(void*), void* arg) {
  ThreadAttr a = {default_stack_size(), os::kPage, nullptr, false, nullptr};
  if (attr == nullptr) {
    a.stack_size = slot_size(a.stack_size, a.guard_size);
    return thread_create(reinterpret_cast<void**>(id), a, start, arg);
  }
  Wish wish;
  if (int err = read_attr(attr, &a); err != 0) return err;
  if (int err = read_attr_sched(attr, &wish, &a); err != 0) return err;
  return thread_create(reinterpret_cast<void**>(id), a, start, arg);
}

}  // namespace

int create(pthread_t* id, const pthread_attr_t* attr, void* (*start)(void*), void* arg) {
  pthread_attr_t defaults;
  // relaxed: the program orders the two calls
  if (GS_LIKELY(attr != nullptr || !default_attr_is_set.load_relaxed()))
    return create_with(id, attr, start, arg);
  if (int err = pthread_getattr_default_np(&defaults); err != 0) return err;
  const int err = create_with(id, &defaults, start, arg);
  pthread_attr_destroy(&defaults);
  return err;
}

G* live_g(pthread_t id) {
  if (!started()) return nullptr;
  G* gp = g_of_tcb(reinterpret_cast<void*>(id));
  return gp != nullptr && gp->kind != GKind::kForeign ? gp : nullptr;
}

int join(G* gp, void** retval, int64_t deadline) {
  for (;;) {
    const int err = thread_join(gp, retval, deadline);
    if (err != EINTR) return err;
    deliver_signals();
    check_cancel();
  }
}

int join_until(G* gp, void** retval, clockid_t clock, const timespec* abstime) {
  if (abstime == nullptr) return join(gp, retval, kNever);
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return EINVAL;
  if (int err = thread_tryjoin(gp, retval); err != EBUSY) return err;
  if (!os::valid(*abstime)) return EINVAL;
  for (;;) {
    const int64_t left = os::to_ns(*abstime) - os::clock_ns(clock);
    if (left <= 0) return ETIMEDOUT;
    const int err = join(gp, retval, os::nanotime() + left);
    if (err != ETIMEDOUT) return err;
  }
}

void before_exit(void* retval) {
  cancel_close();
  thread_set_result(retval);
  if (getg()->goid == 1) catch_main_exit();
}

int get_attr(G* gp, pthread_attr_t* attr) {
  int err = pthread_attr_init(attr);
  if (err != 0) return err;
  const Thread* t = gp->thread;
  char* lo = gp->stack.stack_lo;
  char* hi = t->user_stack ? gp->stack.stack_hi : page_above(gp->stack.slot_hi);
  err = pthread_attr_setstack(attr, lo, static_cast<size_t>(hi - lo));
  if (err != 0) return err;
  pthread_attr_setguardsize(attr, t->guard);
  const bool detached = join_state(t->join_word.load_relaxed()) ==  // relaxed: a snapshot
                        JoinState::kDetached;
  return pthread_attr_setdetachstate(attr,
                                     detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
}

int get_name(G* gp, char* buf, size_t len) {
  const char* name = thread_name(gp);
  if (len < kNameLen) return ERANGE;
  memcpy(buf, name, strlen(name) + 1);
  return 0;
}

bool prctl_on_thread(int option, void* arg, int* result) {
  G* gp = signal_g();
  if (gp == nullptr) return false;
  char cut[kNameLen] = {};
  switch (option) {
    case PR_GET_NAME:
      *result = get_name(gp, static_cast<char*>(arg), kNameLen);
      return true;
    case PR_SET_NAME:
      strncpy(cut, static_cast<char*>(arg), kNameLen - 1);
      *result = thread_set_name(gp, cut);
      return true;
    case PR_GET_TID_ADDRESS:
      // Not every kernel answers this.
      *result = real.prctl(option, reinterpret_cast<unsigned long>(arg), 0, 0, 0);
      if (*result == 0) *static_cast<void**>(arg) = thread_tid_address(gp);
      return true;
    default:
      return false;
  }
}

int create_c11(thrd_t* id, thrd_start_t start, void* arg) {
  // The ABI returns int in the low half of the register that a void* comes in.
  return create(id, nullptr, reinterpret_cast<void* (*)(void*)>(reinterpret_cast<void*>(start)),
                arg);
}

int join_c11(G* gp, int* result) {
  void* retval = nullptr;
  const int err = join(gp, &retval, kNever);
  if (err == 0 && result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(retval));
  return err;
}

}  // namespace goshim
