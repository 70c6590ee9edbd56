#include "sched/sanitizer.h"

#if defined(GS_ASAN)

#include <dlfcn.h>
#include <pthread.h>

#include "sched/tls.h"

// The sanitizer's runtime asks with this for the stack that it is to clear of poison.
extern "C" __attribute__((visibility("default"))) int pthread_getattr_np(pthread_t id,
                                                                         pthread_attr_t* attr) {
  using namespace goshim;
  const G* gp = getg();
  if (gp != nullptr && gp->tcb == reinterpret_cast<void*>(id) && gp->stack.stack_lo != nullptr) {
    pthread_attr_init(attr);
    return pthread_attr_setstack(attr, gp->stack.stack_lo,
                                 static_cast<size_t>(gp->stack.stack_hi - gp->stack.stack_lo));
  }
  static auto real =
      reinterpret_cast<decltype(&pthread_getattr_np)>(dlsym(RTLD_NEXT, "pthread_getattr_np"));
  return real(id, attr);
}

extern "C" void __asan_unpoison_memory_region(const volatile void*, size_t);

namespace goshim {

void sanitizer_stack_reused(G* gp) {
  __asan_unpoison_memory_region(gp->stack.slot_lo,
                                static_cast<size_t>(gp->stack.slot_hi - gp->stack.slot_lo));
}

}  // namespace goshim

#endif

#if defined(GS_TSAN)

#include <pthread.h>

#include "base/check.h"
#include "os/syscall.h"
#include "sched/m.h"
#include "sched/tls.h"

extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}

namespace goshim {

namespace {

// Where TSan's pointer to its current thread's state lies, from %fs. The same in every TCB.
ptrdiff_t current_offset = 0;

#define GS_OUT_OF_TSAN [[gnu::noinline, gnu::no_sanitize_thread]]

GS_OUT_OF_TSAN void find_current() {
  void* const self = __tsan_get_current_fiber();
  auto* const fs = static_cast<char*>(get_fsbase());
  constexpr ptrdiff_t kMost = 4 << 20;
  // The state itself is in static TLS too, and the pointer is in it or behind it.
  auto* from = static_cast<char*>(self);
  if (from > fs || fs - from > kMost) from = fs - 4096;
  for (auto* p = from; p < fs; p += sizeof(void*)) {
    if (*reinterpret_cast<void**>(p) != self) continue;
    current_offset = p - fs;
    return;
  }
  fatal("sanitizer: TSan's pointer to the current thread is not where it was");
}

GS_OUT_OF_TSAN void** current_of(void* tcb) {
  if (current_offset == 0) find_current();
  return reinterpret_cast<void**>(static_cast<char*>(tcb) + current_offset);
}

struct Starting {
  M* mp;
  void (*fn)(void*);
  Atomic<int32_t> tid;  // [sanitizer.start] the new thread's release -> its maker's acquire
};

void* start_m(void* arg) {
  auto* start = static_cast<Starting*>(arg);
  M* mp = start->mp;
  auto* fn = start->fn;
  mp->g0->tcb = get_fsbase();
  mp->tid.store_relaxed(os::gettid());
  start->tid.store_release(os::gettid());  // [sanitizer.start]
  fn(mp);
  return nullptr;
}

}  // namespace

GS_OUT_OF_TSAN void sanitizer_tcb_made(G* gp) { *current_of(gp->tcb) = __tsan_create_fiber(0); }

GS_OUT_OF_TSAN SanitizerKeep::SanitizerKeep(G* gp) : gp_(gp), fiber_(*current_of(gp->tcb)) {}
GS_OUT_OF_TSAN SanitizerKeep::~SanitizerKeep() { *current_of(gp_->tcb) = fiber_; }

// Between the call and the switch of %fs nothing may be instrumented: this TCB's pointer is wrong, then right but
// without the kernel thread's resources.
GS_OUT_OF_TSAN Transfer switch_to(G* from, G* to, Context ctx, G* parking) {
  void* const to_tcb = to->tcb;
  void** const mine = current_of(from->tcb);
  void* const my_fiber = *mine;
  __tsan_switch_to_fiber(*current_of(to_tcb), 0);
  *mine = my_fiber;
  if (have_fsgsbase) {
    __asm__ volatile("wrfsbase %0" : : "r"(to_tcb) : "memory");
  } else {
    set_fsbase_slow(to_tcb);
  }
  return boost::context::detail::jump_fcontext(ctx, parking);
}

long sanitizer_start_m(M* mp, void (*fn)(void*)) {
  Starting start = {mp, fn, {}};
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  const int err = pthread_create(&id, &attr, &start_m, &start);
  pthread_attr_destroy(&attr);
  if (err != 0) return -err;
  while (start.tid.load_acquire() == 0) os::sys(SYS_sched_yield);  // [sanitizer.start]
  return start.tid.load_relaxed();
}

}  // namespace goshim

#endif
