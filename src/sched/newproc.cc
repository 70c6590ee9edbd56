// Gs: made, started, ended, recycled.
//
// A G, its stack slot and its TCB stay together for ever; a dead G waits with others of its size class (allgs.cc) and is
// warm when it comes back. What a next life must not see is reset when it starts (tls_reset), in the creator's context.
#include "arch/amd64/context.h"
#include "arch/amd64/tcb.h"
#include "base/perturb.h"
#include "os/memory.h"
#include "sched/allgs.h"
#include "sched/sanitizer.h"
#include "sched/sched.h"
#include "sched/spinning.h"
#include "sched/stack.h"
#include "sched/tls.h"
#include "sched/tls_reset.h"
#include "sched/trace.h"
#include "sched/with_p.h"

namespace goshim {

constinit ThreadOps thread_ops = {};

namespace {

// Virtual tids start above every tid the kernel can give (PID_MAX_LIMIT) and fit in the 29 signed bits that a CPU clock id has for one.
constexpr int32_t kFirstTid = 4194304 + 1;
constexpr uint32_t kTidSpan = (1u << 28) - kFirstTid;
constinit Atomic<uint32_t> tid_start;  // below kTidSpan

// Each G has a range of tids to itself, so that no two that live share one and nobody has to look; a new life takes the
// next of them, as the kernel gives a tid again only after all others. The low numbers, which live again and again, have
// as many as pid_max is by default.
constexpr uint32_t kFewGs = 1u << 12, kFewLives = 1u << 15;
constexpr uint32_t kManyGs = 1u << 22, kManyLives = 1u << 4;
constexpr uint32_t kFewTids = kFewGs * kFewLives, kManyTids = kManyGs * kManyLives;
static_assert(kFewTids + kManyTids + kManyGs < kTidSpan);

uint64_t tid_offset(const G* gp) {
  const uint64_t n = gp->serial;
  if (n < kFewGs) return n + uint64_t{kFewGs} * (gp->lives % kFewLives);
  if (n < kManyGs) return kFewTids + n + uint64_t{kManyGs} * (gp->lives % kManyLives);
  return uint64_t{kFewTids} + kManyTids + n;
}

int32_t tid_of(const G* gp) {
  uint64_t n = tid_start.load_relaxed() + tid_offset(gp);
  if (n >= kTidSpan) n -= kTidSpan;
  return kFirstTid + static_cast<int32_t>(n);
}

// On g0: the G's stack is no longer in use.
G* goexit0(M* mp, G* gp) {
  GS_TRACE(mp, go_end, gp->goid, 0);
  mp->curg.store_relaxed(nullptr);
  gp->m = nullptr;
  gp->set_status(GStatus::kDead);
  const bool was_wired = gp->kind == GKind::kWired;
  gp->kind = GKind::kNormal;  // for its next life, which may begin with the next line
  G* joiner = was_wired ? nullptr : gp->schedlink;
  if (joiner != nullptr) {
    goready(joiner);
    return nullptr;
  }
  thread_ops.exited(gp);
  if (was_wired) mexit(mp);
  return nullptr;
}

// Inlined where a G begins: it then leaves with nothing that it called still open.
[[gnu::always_inline, noreturn]] inline void end_g() {
  G* gp = getg();
  if (G* next = next_after_exit(gp)) leave_to(gp, next);
  mcall(&goexit0);
  fatal("goexit: a dead G runs");
}

void g_entry(Transfer t) {
  GS_BOTTOM_FRAME();
  switched(t);
  thread_ops.run(getg());
  end_g();
}

bool finish_g(G* gp, int size_class, size_t guard) {
  gp->tid = tid_of(gp);
  char* hi = stack_alloc(gp, size_class, guard);
  if (hi == nullptr) return false;
  gp->tcb = tcb_make(hi, gp->tid);
  if (gp->tcb == nullptr) return false;
  set_g_of_tcb(gp->tcb, gp);
  sanitizer_tcb_made(gp);
  return true;
}

// A G that never lived before, with slot and TCB.
G* make_g(int size_class, size_t guard) {
  G* gp = galloc(size_class);
  if (gp == nullptr) return nullptr;
  if (finish_g(gp, size_class, guard)) return gp;
  gkeep(gp, size_class);
  return nullptr;
}

}  // namespace

// Two processes may share an errorcheck mutex or a rwlock, whose owner is a tid: they must not give the same ones.
// Multiplication by the golden ratio keeps the starts of any set of pids far apart.
void tids_reseed() {
  tid_start.store_relaxed(static_cast<uint32_t>(os::getpid()) * 0x9e3779b1u % kTidSpan);
}

G* gnew(size_t stack_size, size_t guard_size) {
  const int c = stack_class(stack_size);
  if (c < 0) return nullptr;
  G* gp = nullptr;
  uint64_t goid = 0;
  with_p([&](M* mp) {
    gp = gfget(p_of(mp), c);
    goid = goid_new(p_of(mp));
  });
  if (gp != nullptr) {
    {
      SanitizerKeep keep(gp);
      tls_reset(gp->tcb);
    }
    sanitizer_stack_reused(gp);
    gp->lives++;
    gp->tid = tid_of(gp);
    tcb_set_tid(gp->tcb, gp->tid);
    if (gp->stack.guard < guard_size) {  // a guard grows, and never shrinks
      if (!os::install_guard(gp->stack.slot_lo, guard_size)) {
        gfree(gp);
        return nullptr;
      }
      gp->stack.set_guard(guard_size);
    }
  } else {
    gp = make_g(c, guard_size);
    if (gp == nullptr) return nullptr;
  }
  gp->goid = goid;
  gadd(gp);
  gp->stack.stack_lo = gp->stack.slot_lo + gp->stack.guard;
  gp->stack.stack_hi = gp->stack.slot_hi - os::round_up(tls_block_size(), tls_block_align());
  return gp;
}

G* gnew_user_stack(char* lo, size_t size) {
  G* gp = gnew(tls_block_size() + 2 * tls_block_align(), 0);
  if (gp == nullptr) return nullptr;
  gp->stack.stack_lo = lo;
  gp->stack.stack_hi = lo + (size & ~size_t{63});
  return gp;
}

void newproc_prepare(G* gp) {
  gp->ctx = make_context(gp->stack.stack_hi, &g_entry);
  gp->wait_reason.store_relaxed(WaitReason::kNone);
  sched.gcount.fetch_add_relaxed(1);
}

void newproc(G* gp) {
  newproc_prepare(gp);
  GS_TRACE(trace_m(), go_create, gp->goid, 0);
  goready(gp, false);
}

void gfree(G* gp) {
  gp->set_status(GStatus::kIdle);
  with_p([&](M* mp) { gfput(p_of(mp), gp); });
}

void goexit() { end_g(); }

G* foreign_g() {
  // Foreign threads are few and mostly live as long as the process; their Gs are not recycled.
  G* gp = galloc(kMinStackShift);
  GS_CHECK(gp != nullptr, "foreign_g: out of memory");
  gp->kind = GKind::kForeign;
  gp->goid = goid_new(nullptr);
  gp->tcb = get_fsbase();
  gp->tid = os::gettid();
  tls_g = gp;
  gadd(gp);
  return gp;
}

}  // namespace goshim
