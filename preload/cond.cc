// <pthread.h>: condition variables. The waits are cancellation points, never EINTR.
#include "preload/sync_hooks.h"

using namespace goshim;

namespace {

// A process-shared condition is glibc's, and so is the mutex that is used with it.
template <typename F>
int shared_wait(pthread_mutex_t* m, F wait) {
  if (ours(m)) sync::mutex_give_to_libc(sync::as_mutex(m));
  bool cut;
  int error;
  {
    KernelOwner owner(m);
    error = cancellable_by_libc(wait, cut);
  }
  if (!cut) return error;
  check_cancel();
  return error == ETIMEDOUT ? 0 : error;  // for nothing, as it may
}

}  // namespace

GOSHIM_HOOK(int, pthread_cond_wait)(pthread_cond_t* c, pthread_mutex_t* m) {
  if (!ours(c)) return shared_wait(m, [=] { return real.pthread_cond_wait(c, m); });
  return cond_wait_until(c, m, 0, nullptr);
}

GOSHIM_HOOK(int, pthread_cond_timedwait)
(pthread_cond_t* c, pthread_mutex_t* m, const struct timespec* abstime) {
  if (!ours(c)) return shared_wait(m, [=] { return real.pthread_cond_timedwait(c, m, abstime); });
  return cond_wait_until(c, m, sync::cond_clock(sync::as_cond(c)), abstime);
}

GOSHIM_HOOK(int, pthread_cond_clockwait)
(pthread_cond_t* c, pthread_mutex_t* m, clockid_t clock, const struct timespec* abstime) {
  if (!ours(c))
    return shared_wait(m, [=] { return real.pthread_cond_clockwait(c, m, clock, abstime); });
  return cond_wait_until(c, m, clock, abstime);
}

GOSHIM_HOOK(int, pthread_cond_signal)(pthread_cond_t* c) {
  if (!ours(c)) return real.pthread_cond_signal(c);
  sync::cond_signal(sync::as_cond(c));
  return 0;
}

GOSHIM_HOOK(int, pthread_cond_broadcast)(pthread_cond_t* c) {
  if (!ours(c)) return real.pthread_cond_broadcast(c);
  sync::cond_broadcast(sync::as_cond(c));
  return 0;
}

GOSHIM_HOOK(int, pthread_cond_destroy)(pthread_cond_t* c) {
  // Nothing of ours is left in it once its waiters have been woken; glibc's would wait for its own
  // fields.
  if (ours(c)) return 0;
  return by_libc([c] { return real.pthread_cond_destroy(c); });
}
