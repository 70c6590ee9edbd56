// What the sanitizers must be told of Gs. All of it is empty without them.
//
// AddressSanitizer finds the current thread through thread-specific data, which a G has of its own: it takes Gs for
// threads that it was not told of, each always on its own stack, and needs no word about switches. When a frame is left
// other than by returning it asks for the bounds of the stack, which sanitizer.cc answers, and it must not find what
// a dead G's frames left behind.
//
// ThreadSanitizer keeps a pointer to its state of the current thread in thread-local storage, which changes with %fs.
// So each G and each g0 is a fiber of TSan's for ever, every TCB's pointer says its own fiber, and switch_to() moves
// the kernel thread's resources from one to the other. Ms are made by pthread_create, because TSan has to know kernel
// threads. A switch orders the two Gs: they run on one kernel thread, one after the other.
#pragma once

#include "arch/amd64/context.h"
#include "sched/g.h"

#if defined(__SANITIZE_THREAD__)
#define GS_TSAN 1
#elif defined(__SANITIZE_ADDRESS__)
#define GS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GS_TSAN 1
#elif __has_feature(address_sanitizer)
#define GS_ASAN 1
#endif
#endif

namespace goshim {

#if defined(GS_TSAN)

// gp has a new TCB, other than the calling thread's.
void sanitizer_tcb_made(G* gp);
// Continues `to`, whose context is ctx. `parking` is what it finds in its Transfer, see switched().
Transfer switch_to(G* from, G* to, Context ctx, G* parking = nullptr);
// The same from a G that has ended.
[[noreturn]] inline void leave_to(G* from, G* to) {
  switch_to(from, to, to->ctx, from);
  __builtin_unreachable();
}
// Starts fn(mp) in a kernel thread; its g0 gets that thread's TCB. A tid, or -errno.
long sanitizer_start_m(M* mp, void (*fn)(void*));

// Stands where a TCB is reset: TSan's pointer, in TLS that is not ours, stays.
class SanitizerKeep {
 public:
  explicit SanitizerKeep(G* gp);
  ~SanitizerKeep();

 private:
  G* const gp_;
  void* const fiber_;
};

#else

inline void sanitizer_tcb_made(G*) {}
inline Transfer switch_to(G*, G* to, Context ctx, G* parking = nullptr) {
  return switch_context(ctx, to->tcb, parking);
}
[[gnu::always_inline, noreturn]] inline void leave_to(G* from, G* to) {
  leave_context(to->ctx, to->tcb, from);
}
struct SanitizerKeep {
  explicit SanitizerKeep(G*) {}
};

#endif

// gp's stack is going to be used again.
#if defined(GS_ASAN)
void sanitizer_stack_reused(G* gp);
#else
inline void sanitizer_stack_reused(G*) {}
#endif

}  // namespace goshim
