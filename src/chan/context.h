// What package context has: cancellation that goes down a tree, deadlines, values.
//
// A context is counted: its creator has a reference, each child one to its parent. A parent knows its children without
// owning them, so dropping the last reference to a child takes it out of the tree; so does its cancellation.
#pragma once

#include <stdint.h>

#include "base/annotations.h"
#include "base/list.h"
#include "base/mlock.h"
#include "chan/hchan.h"
#include "sched/timer.h"

namespace goshim::chan {

enum class CtxErr : uint32_t { kNone, kCanceled, kDeadlineExceeded };

struct Ctx {
  // Constant.
  Ctx* parent = nullptr;  // one reference; null for the background
  Ctx* canceler =
      nullptr;  // the nearest one upwards that can be cancelled, itself included; may be null
  hchan* done =
      nullptr;  // closed when cancelled; null if it never can be. Its own, or its canceler's
  int64_t deadline = kNever;
  const void* key = nullptr;
  void* value = nullptr;

  Atomic<uint32_t> refs{1};
  Atomic<uint32_t> err;  // CtxErr; [ctx.err]

  // Guarded by the lock of the canceler above.
  ListLink<Ctx> sibling;
  bool linked = false;

  MLock lock{LockRank::kContext};
  IntrusiveList<Ctx, &Ctx::sibling> children GS_GUARDED_BY(lock);
  bool timed GS_GUARDED_BY(lock) = false;  // its timer is armed, with a reference
  Timer timer GS_GUARDED_BY(lock);
};

Ctx* ctx_background();

// nullptr: no memory. A null parent is a panic, as in Go.
Ctx* ctx_with_cancel(Ctx* parent);
Ctx* ctx_with_deadline(Ctx* parent, int64_t deadline);
Ctx* ctx_with_value(Ctx* parent, const void* key, void* value);

void ctx_ref(Ctx* ctx);
void ctx_unref(Ctx* ctx);

// pre: it is of ctx_with_cancel or _deadline. Ends it and all below; a second time does nothing. Any context.
void ctx_cancel(Ctx* ctx, CtxErr err);

CtxErr ctx_err(const Ctx* ctx);
void* ctx_value(const Ctx* ctx, const void* key);

}  // namespace goshim::chan
