// Orders:
//   [ctx.err]   a cancellation releases err -> whoever sees it acquires what was done before
//   [ctx.refs]  each owner's last use is released by its decrement -> the last one acquires them all and frees
//
// Locks: one context's at a time. A cancellation takes the children off their lists and goes on to each without a lock, in a
// loop: trees may be deep, and a deadline's runs on a g0.
#include "chan/context.h"

#include "base/perturb.h"
#include "chan/alloc.h"
#include "chan/gotimer.h"
#include "chan/panic.h"
#include "os/clock.h"
#include "sched/sched.h"

namespace goshim::chan {

namespace {

using CtxList = IntrusiveList<Ctx, &Ctx::sibling>;

constinit Ctx background;

bool is_own_canceler(const Ctx* ctx) { return ctx->canceler == ctx; }
// The one in whose list of children ctx may stand.
Ctx* canceler_above(const Ctx* ctx) {
  return ctx->parent != nullptr ? ctx->parent->canceler : nullptr;
}

// A child whose last reference goes while we look at it counts as gone.
bool try_ref(Ctx* ctx) {
  uint32_t n = ctx->refs.load_relaxed();  // relaxed: the CAS decides
  while (n > 0) {
    if (ctx->refs.cas_relaxed(n, n + 1)) return true;
  }
  return false;
}

// Under the parent's lock: a child with a reference for the caller, off the list.
Ctx* pop_child(Ctx* ctx) {
  MLockGuard g(ctx->lock);
  while (Ctx* child = ctx->children.pop_front()) {
    child->linked = false;
    if (try_ref(child)) return child;
  }
  return nullptr;
}

void leave_parent(Ctx* ctx) {
  Ctx* above = canceler_above(ctx);
  if (above == nullptr) return;
  MLockGuard g(above->lock);
  if (ctx->linked) above->children.erase(ctx);
  ctx->linked = false;
}

// Into the list of its canceler; if that has ended already, so has ctx.
void join_parent(Ctx* ctx) {
  Ctx* above = canceler_above(ctx);
  if (above == nullptr) return;
  CtxErr err;
  {
    MLockGuard g(above->lock);
    err = ctx_err(above);
    if (err == CtxErr::kNone) {
      above->children.push_back(ctx);
      ctx->linked = true;
    }
  }
  if (err != CtxErr::kNone) ctx_cancel(ctx, err);
}

void destroy(Ctx* ctx) {
  if (is_own_canceler(ctx)) {
    leave_parent(ctx);
    chan_unref(ctx->done);
  }
  ctx->~Ctx();
  release(ctx, sizeof(Ctx));
}

void deadlines_passed(const Due* due, int n) {
  for (int i = 0; i < n; i++) {
    auto* ctx = static_cast<Ctx*>(due[i].arg);
    GS_PERTURB("context.deadline");
    ctx_cancel(ctx, CtxErr::kDeadlineExceeded);
    ctx_unref(ctx);
  }
}

// Ends ctx alone; its children go to `work`, with a reference each.
void cancel_one(Ctx* ctx, CtxErr err, CtxList& work) {
  bool timer_gone = false;
  {
    MLockGuard g(ctx->lock);
    if (ctx_err(ctx) != CtxErr::kNone) return;
    ctx->err.store_release(static_cast<uint32_t>(err));  // [ctx.err]
    if (ctx->timed) timer_gone = timer_del(&ctx->timer);
    ctx->timed = false;
    // Under the lock: whoever sees the error, or finds us here, also finds it closed.
    closechan(ctx->done);
  }
  while (Ctx* child = pop_child(ctx)) work.push_back(child);
  leave_parent(ctx);
  if (timer_gone) ctx_unref(ctx);
}

bool arm_deadline(Ctx* ctx) {
  MLockGuard g(ctx->lock);
  // Cancelled meanwhile, by a parent.
  if (ctx_err(ctx) != CtxErr::kNone) return true;
  ctx->timer.when = ctx->deadline;
  ctx->timer.fn = &deadlines_passed;
  ctx->timer.arg = ctx;
  ctx->refs.fetch_add_relaxed(1);
  ctx->timed = arm_timer(&ctx->timer);
  if (!ctx->timed) ctx->refs.fetch_sub_relaxed(1);
  return ctx->timed;
}

Ctx* derive(Ctx* parent) {
  if (parent == nullptr) gopanic("cannot create context from nil parent");
  auto* ctx = make<Ctx>();
  if (ctx == nullptr) return nullptr;
  ctx_ref(parent);
  ctx->parent = parent;
  ctx->canceler = parent->canceler;
  ctx->done = parent->done;
  ctx->deadline = parent->deadline;
  return ctx;
}

}  // namespace

Ctx* ctx_background() { return &background; }

void ctx_ref(Ctx* ctx) {
  if (ctx != nullptr && ctx != &background) ctx->refs.fetch_add_relaxed(1);
}

void ctx_unref(Ctx* ctx) {
  // Up the chain by a loop: it may be long.
  while (ctx != nullptr && ctx != &background) {
    if (ctx->refs.fetch_sub_acq_rel(1) != 1) return;  // [ctx.refs]
    Ctx* parent = ctx->parent;
    destroy(ctx);
    ctx = parent;
  }
}

Ctx* ctx_with_cancel(Ctx* parent) {
  Ctx* ctx = derive(parent);
  if (ctx == nullptr) return nullptr;
  hchan* done = makechan(0, 0);
  if (done == nullptr) {
    ctx_unref(ctx);
    return nullptr;
  }
  ctx->done = done;
  ctx->canceler = ctx;
  join_parent(ctx);
  return ctx;
}

Ctx* ctx_with_deadline(Ctx* parent, int64_t deadline) {
  if (!started() && ops.start != nullptr) ops.start();
  Ctx* ctx = ctx_with_cancel(parent);
  if (ctx == nullptr || parent->deadline <= deadline) return ctx;
  ctx->deadline = deadline;
  if (deadline <= os::nanotime()) {
    ctx_cancel(ctx, CtxErr::kDeadlineExceeded);
  } else if (!arm_deadline(ctx)) {
    ctx_unref(ctx);
    return nullptr;
  }
  return ctx;
}

Ctx* ctx_with_value(Ctx* parent, const void* key, void* value) {
  Ctx* ctx = derive(parent);
  if (ctx == nullptr) return nullptr;
  ctx->key = key;
  ctx->value = value;
  return ctx;
}

void ctx_cancel(Ctx* ctx, CtxErr err) {
  // Not on the list itself: its link is its parent's until it has left.
  CtxList work;
  cancel_one(ctx, err, work);
  while (Ctx* next = work.pop_front()) {
    cancel_one(next, err, work);
    ctx_unref(next);
  }
}

CtxErr ctx_err(const Ctx* ctx) {
  if (ctx->canceler == nullptr) return CtxErr::kNone;
  return static_cast<CtxErr>(ctx->canceler->err.load_acquire());  // [ctx.err]
}

void* ctx_value(const Ctx* ctx, const void* key) {
  for (; ctx != nullptr; ctx = ctx->parent) {
    if (ctx->key == key && key != nullptr) return ctx->value;
  }
  return nullptr;
}

}  // namespace goshim::chan
