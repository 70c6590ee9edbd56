// include/goshim/goshim.h, the second half: what packages sync, time and context have.
#include "chan/context.h"
#include "chan/goroutine.h"
#include "chan/gosync.h"
#include "chan/gotimer.h"
#include "chan/panic.h"
#include "goshim/goshim.h"
#include "os/clock.h"
#include "preload/blocking.h"

using namespace goshim;
using namespace goshim::chan;

static_assert(sizeof(goshim_wait_group) == sizeof(WaitGroup));
static_assert(sizeof(goshim_mutex) == sizeof(GoMutex) && alignof(goshim_mutex) >= alignof(GoMutex));
static_assert(sizeof(goshim_rwmutex) == sizeof(RWMutex));
static_assert(sizeof(goshim_once) == sizeof(Once));
static_assert(sizeof(goshim_cond) == sizeof(GoCond));
static_assert(GOSHIM_DEADLINE_EXCEEDED == static_cast<int>(CtxErr::kDeadlineExceeded));

namespace {

WaitGroup* in(goshim_wait_group* wg) { return reinterpret_cast<WaitGroup*>(wg); }
GoMutex* in(goshim_mutex* m) { return reinterpret_cast<GoMutex*>(m); }
RWMutex* in(goshim_rwmutex* rw) { return reinterpret_cast<RWMutex*>(rw); }
Once* in(goshim_once* o) { return reinterpret_cast<Once*>(o); }
GoCond* in(goshim_cond* c) { return reinterpret_cast<GoCond*>(c); }
GoTimer* in(goshim_timer* t) { return reinterpret_cast<GoTimer*>(t); }
Ctx* in(goshim_ctx* ctx) { return reinterpret_cast<Ctx*>(ctx); }

template <typename To, typename From>
To* made(From* p) {
  if (p == nullptr) result<int>(-ENOMEM);
  return reinterpret_cast<To*>(p);
}

int64_t tick(int64_t ns) {
  if (ns <= 0) gopanic("non-positive interval for NewTicker");
  return ns;
}

}  // namespace

extern "C" {

void goshim_wg_add(goshim_wait_group* wg, int delta) { wg_add(in(wg), delta); }
void goshim_wg_done(goshim_wait_group* wg) { wg_add(in(wg), -1); }
void goshim_wg_wait(goshim_wait_group* wg) { wg_wait(in(wg)); }

void goshim_mutex_lock(goshim_mutex* m) { gomutex_lock(in(m)); }
int goshim_mutex_try_lock(goshim_mutex* m) { return gomutex_try_lock(in(m)); }
void goshim_mutex_unlock(goshim_mutex* m) { gomutex_unlock(in(m)); }

void goshim_rwmutex_rlock(goshim_rwmutex* rw) { rw_rlock(in(rw)); }
int goshim_rwmutex_try_rlock(goshim_rwmutex* rw) { return rw_try_rlock(in(rw)); }
void goshim_rwmutex_runlock(goshim_rwmutex* rw) { rw_runlock(in(rw)); }
void goshim_rwmutex_lock(goshim_rwmutex* rw) { rw_lock(in(rw)); }
int goshim_rwmutex_try_lock(goshim_rwmutex* rw) { return rw_try_lock(in(rw)); }
void goshim_rwmutex_unlock(goshim_rwmutex* rw) { rw_unlock(in(rw)); }

void goshim_once_do(goshim_once* once, void (*fn)(void*), void* arg) { once_do(in(once), fn, arg); }

void goshim_cond_wait(goshim_cond* c, goshim_mutex* m) { gocond_wait(in(c), in(m)); }
void goshim_cond_signal(goshim_cond* c) { gocond_signal(in(c)); }
void goshim_cond_broadcast(goshim_cond* c) { gocond_broadcast(in(c)); }

goshim_timer* goshim_timer_new(int64_t ns) { return made<goshim_timer>(timer_new(ns, 0)); }
goshim_timer* goshim_ticker_new(int64_t ns) { return made<goshim_timer>(timer_new(tick(ns), ns)); }
goshim_chan* goshim_timer_chan(goshim_timer* t) { return reinterpret_cast<goshim_chan*>(in(t)->c); }
int goshim_timer_stop(goshim_timer* t) { return timer_stop(in(t)); }
int goshim_timer_reset(goshim_timer* t, int64_t ns) {
  return timer_reset(in(t), in(t)->is_ticker ? tick(ns) : ns);
}
void goshim_timer_unref(goshim_timer* t) { timer_unref(in(t)); }
goshim_chan* goshim_after(int64_t ns) { return made<goshim_chan>(timer_after(ns)); }
goshim_timer* goshim_after_func(int64_t ns, void (*fn)(void*), void* arg) {
  return made<goshim_timer>(timer_func(ns, fn, arg));
}

goshim_ctx* goshim_ctx_background() { return reinterpret_cast<goshim_ctx*>(ctx_background()); }
goshim_ctx* goshim_ctx_with_cancel(goshim_ctx* parent) {
  return made<goshim_ctx>(ctx_with_cancel(in(parent)));
}
goshim_ctx* goshim_ctx_with_deadline(goshim_ctx* parent, int64_t deadline) {
  return made<goshim_ctx>(ctx_with_deadline(in(parent), deadline));
}
goshim_ctx* goshim_ctx_with_timeout(goshim_ctx* parent, int64_t ns) {
  return made<goshim_ctx>(ctx_with_deadline(in(parent), deadline_in(ns)));
}
goshim_ctx* goshim_ctx_with_value(goshim_ctx* parent, const void* key, void* value) {
  return made<goshim_ctx>(ctx_with_value(in(parent), key, value));
}
goshim_ctx* goshim_ctx_ref(goshim_ctx* ctx) {
  ctx_ref(in(ctx));
  return ctx;
}
void goshim_ctx_unref(goshim_ctx* ctx) { ctx_unref(in(ctx)); }
void goshim_ctx_cancel(goshim_ctx* ctx) {
  if (in(ctx)->canceler != in(ctx)) gopanic("cancel of a context that cannot be cancelled");
  ctx_cancel(in(ctx), CtxErr::kCanceled);
}
goshim_chan* goshim_ctx_done(goshim_ctx* ctx) {
  return reinterpret_cast<goshim_chan*>(in(ctx)->done);
}
int goshim_ctx_err(goshim_ctx* ctx) { return static_cast<int>(ctx_err(in(ctx))); }
int goshim_ctx_deadline(goshim_ctx* ctx, int64_t* deadline) {
  if (in(ctx)->deadline == kNever) return 0;
  if (deadline != nullptr) *deadline = in(ctx)->deadline;
  return 1;
}
void* goshim_ctx_value(goshim_ctx* ctx, const void* key) { return ctx_value(in(ctx), key); }

}  // extern "C"
