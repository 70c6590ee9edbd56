// <pthread.h>: cancellation. The points themselves are in the verbs (blocking.h, sync_hooks.cc).
#include "thread/cancel.h"
#include "preload/hook.h"
#include "preload/thread_hooks.h"
#include "sched/park.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/tls.h"
#include "thread/signal.h"

using namespace goshim;

namespace {

// Makes the calling G's cancellation deferred; not null if it was asynchronous.
void* defer_cancel() {
  static char async;
  if (signal_g() == nullptr) return nullptr;
  return cancel_set_type(PTHREAD_CANCEL_DEFERRED) == PTHREAD_CANCEL_ASYNCHRONOUS ? &async : nullptr;
}

void restore_cancel(const void* was_async) {
  if (was_async != nullptr) cancel_set_type(PTHREAD_CANCEL_ASYNCHRONOUS);
}

}  // namespace

GOSHIM_HOOK(int, pthread_cancel)(pthread_t id) {
  G* gp = live_g(id);
  if (gp != nullptr) return cancel_request(gp);
  const int r = real.pthread_cancel(id);
  if (started()) sig_retake_interrupt();
  return r;
}

GOSHIM_HOOK(int, pthread_setcancelstate)(int state, int* old) {
  if (signal_g() == nullptr) return real.pthread_setcancelstate(state, old);
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  const int was = cancel_set_state(state);
  if (old != nullptr) *old = was;
  return 0;
}

GOSHIM_HOOK(int, pthread_setcanceltype)(int type, int* old) {
  if (signal_g() == nullptr) return real.pthread_setcanceltype(type, old);
  if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) return EINVAL;
  const int was = cancel_set_type(type);
  if (old != nullptr) *old = was;
  return 0;
}

GOSHIM_HOOK(void, pthread_testcancel)() {
  if (signal_g() != nullptr) {
    check_cancel();
  } else {
    real.pthread_testcancel();
  }
}

// ---- pthread_cleanup_push_defer_np: the type is deferred until the handler is popped ----

// libc has room for four words and uses three.
GOSHIM_HOOK(void, __pthread_register_cancel_defer)(void* buf) {
  real.__pthread_register_cancel_defer(buf);
  static_cast<__pthread_unwind_buf_t*>(buf)->__pad[3] = defer_cancel();
}

GOSHIM_HOOK(void, __pthread_unregister_cancel_restore)(void* buf) {
  real.__pthread_unregister_cancel_restore(buf);
  restore_cancel(static_cast<__pthread_unwind_buf_t*>(buf)->__pad[3]);
}
