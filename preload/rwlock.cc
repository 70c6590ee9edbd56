// <pthread.h>: read-write locks. Not cancellation points, never EINTR.
#include "preload/sync_hooks.h"

using namespace goshim;
using sync::as_rwlock;

GOSHIM_HOOK(int, pthread_rwlock_rdlock)(pthread_rwlock_t* rw) {
  if (!ours(rw)) return by_libc([=] { return real.pthread_rwlock_rdlock(rw); });
  return sync::rwlock_rdlock(as_rwlock(rw));
}
GOSHIM_EXPORT_AS(__pthread_rwlock_rdlock, pthread_rwlock_rdlock);

GOSHIM_HOOK(int, pthread_rwlock_tryrdlock)(pthread_rwlock_t* rw) {
  if (!ours(rw)) return real.pthread_rwlock_tryrdlock(rw);
  return sync::rwlock_tryrdlock(as_rwlock(rw));
}
GOSHIM_EXPORT_AS(__pthread_rwlock_tryrdlock, pthread_rwlock_tryrdlock);

GOSHIM_HOOK(int, pthread_rwlock_timedrdlock)(pthread_rwlock_t* rw, const struct timespec* abstime) {
  if (!ours(rw)) return by_libc([=] { return real.pthread_rwlock_timedrdlock(rw, abstime); });
  return sync::rwlock_timedrdlock(as_rwlock(rw), CLOCK_REALTIME, abstime);
}

GOSHIM_HOOK(int, pthread_rwlock_clockrdlock)
(pthread_rwlock_t* rw, clockid_t clock, const struct timespec* abstime) {
  if (!ours(rw))
    return by_libc([=] { return real.pthread_rwlock_clockrdlock(rw, clock, abstime); });
  return sync::rwlock_timedrdlock(as_rwlock(rw), clock, abstime);
}

GOSHIM_HOOK(int, pthread_rwlock_wrlock)(pthread_rwlock_t* rw) {
  if (!ours(rw)) return by_libc([=] { return real.pthread_rwlock_wrlock(rw); });
  return sync::rwlock_wrlock(as_rwlock(rw));
}
GOSHIM_EXPORT_AS(__pthread_rwlock_wrlock, pthread_rwlock_wrlock);

GOSHIM_HOOK(int, pthread_rwlock_trywrlock)(pthread_rwlock_t* rw) {
  if (!ours(rw)) return real.pthread_rwlock_trywrlock(rw);
  return sync::rwlock_trywrlock(as_rwlock(rw));
}
GOSHIM_EXPORT_AS(__pthread_rwlock_trywrlock, pthread_rwlock_trywrlock);

GOSHIM_HOOK(int, pthread_rwlock_timedwrlock)(pthread_rwlock_t* rw, const struct timespec* abstime) {
  if (!ours(rw)) return by_libc([=] { return real.pthread_rwlock_timedwrlock(rw, abstime); });
  return sync::rwlock_timedwrlock(as_rwlock(rw), CLOCK_REALTIME, abstime);
}

GOSHIM_HOOK(int, pthread_rwlock_clockwrlock)
(pthread_rwlock_t* rw, clockid_t clock, const struct timespec* abstime) {
  if (!ours(rw))
    return by_libc([=] { return real.pthread_rwlock_clockwrlock(rw, clock, abstime); });
  return sync::rwlock_timedwrlock(as_rwlock(rw), clock, abstime);
}

GOSHIM_HOOK(int, pthread_rwlock_unlock)(pthread_rwlock_t* rw) {
  if (!ours(rw)) return real.pthread_rwlock_unlock(rw);
  return sync::rwlock_unlock(as_rwlock(rw));
}
GOSHIM_EXPORT_AS(__pthread_rwlock_unlock, pthread_rwlock_unlock);
