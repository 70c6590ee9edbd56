// <pthread.h>: mutexes. Not cancellation points, never EINTR.
#include "preload/sync_hooks.h"

using namespace goshim;
using sync::Mutex;

GS_NOINLINE static int pthread_mutex_lock_slow(pthread_mutex_t* m) {
  return lock_either(
      m, [](Mutex* o) { return sync::mutex_lock(o); }, [m] { return real.pthread_mutex_lock(m); });
}

GOSHIM_HOOK(int, pthread_mutex_lock)(pthread_mutex_t* m) {
  if (GS_LIKELY(hook_mode == Mode::kOn && sync::mutex_lock_fast(sync::as_mutex(m)))) return 0;
  return pthread_mutex_lock_slow(m);
}
GOSHIM_EXPORT_AS(__pthread_mutex_lock, pthread_mutex_lock);

GOSHIM_HOOK(int, pthread_mutex_trylock)(pthread_mutex_t* m) {
  if (!ours(m)) return libc_trylock(m);
  return sync::mutex_trylock(sync::as_mutex(m));
}
GOSHIM_EXPORT_AS(__pthread_mutex_trylock, pthread_mutex_trylock);

GOSHIM_HOOK(int, pthread_mutex_timedlock)(pthread_mutex_t* m, const struct timespec* abstime) {
  return lock_either(
      m, [=](Mutex* o) { return sync::mutex_timedlock(o, CLOCK_REALTIME, abstime); },
      [=] { return real.pthread_mutex_timedlock(m, abstime); });
}

GOSHIM_HOOK(int, pthread_mutex_clocklock)
(pthread_mutex_t* m, clockid_t clock, const struct timespec* abstime) {
  if (!sync::is_wait_clock(clock)) return EINVAL;
  return lock_either(
      m, [=](Mutex* o) { return sync::mutex_timedlock(o, clock, abstime); },
      [=] { return real.pthread_mutex_clocklock(m, clock, abstime); });
}

GS_NOINLINE static int pthread_mutex_unlock_slow(pthread_mutex_t* m) {
  if (GS_UNLIKELY(!ours(m))) return libc_unlock(m);
  return sync::mutex_unlock(sync::as_mutex(m));
}

GOSHIM_HOOK(int, pthread_mutex_unlock)(pthread_mutex_t* m) {
  if (GS_LIKELY(hook_mode == Mode::kOn && sync::mutex_is_plain(sync::as_mutex(m))))
    return sync::mutex_unlock_normal(sync::as_mutex(m));
  return pthread_mutex_unlock_slow(m);
}
GOSHIM_EXPORT_AS(__pthread_mutex_unlock, pthread_mutex_unlock);
