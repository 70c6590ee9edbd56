// <pthread.h>: cancellation. The points themselves are in the verbs (blocking.h, sync_hooks.cc).
#include "thread/cancel.h"
#include "preload/hook.h"
#include "preload/thread_hooks.h"
#include "sched/park.h"
#include "sched/signals.h"
#include "sched/tls.h"

using namespace goshim;

GOSHIM_HOOK(int, pthread_cancel)(pthread_t id) {
  G* gp = live_g(id);
  return gp != nullptr ? cancel_request(gp) : real.pthread_cancel(id);
}

GOSHIM_HOOK(int, pthread_setcancelstate)(int state, int* old) {
  if (!on_goroutine()) return real.pthread_setcancelstate(state, old);
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  const int was = cancel_set_state(state);
  if (old != nullptr) *old = was;
  return 0;
}

GOSHIM_HOOK(int, pthread_setcanceltype)(int type, int* old) {
  if (!on_goroutine()) return real.pthread_setcanceltype(type, old);
  if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) return EINVAL;
  const int was = cancel_set_type(type);
  if (old != nullptr) *old = was;
  return 0;
}

GOSHIM_HOOK(void, pthread_testcancel)() {
  if (on_goroutine()) {
    check_cancel();
  } else {
    real.pthread_testcancel();
  }
}
