// <threads.h>: mutexes, conditions, call_once. The objects are glibc's POSIX ones by another name.
#include "preload/sync_hooks.h"

using namespace goshim;

GOSHIM_HOOK(int, mtx_lock)(mtx_t* m) { return to_thrd(hook_pthread_mutex_lock(as_pthread(m))); }

GOSHIM_HOOK(int, mtx_trylock)(mtx_t* m) {
  return to_thrd(hook_pthread_mutex_trylock(as_pthread(m)));
}

GOSHIM_HOOK(int, mtx_timedlock)(mtx_t* m, const struct timespec* abstime) {
  return to_thrd(hook_pthread_mutex_timedlock(as_pthread(m), abstime));
}

GOSHIM_HOOK(int, mtx_unlock)(mtx_t* m) { return to_thrd(hook_pthread_mutex_unlock(as_pthread(m))); }

GOSHIM_HOOK(int, cnd_wait)(cnd_t* c, mtx_t* m) {
  return to_thrd(hook_pthread_cond_wait(as_pthread(c), as_pthread(m)));
}

GOSHIM_HOOK(int, cnd_timedwait)(cnd_t* c, mtx_t* m, const struct timespec* abstime) {
  return to_thrd(hook_pthread_cond_timedwait(as_pthread(c), as_pthread(m), abstime));
}

GOSHIM_HOOK(int, cnd_signal)(cnd_t* c) { return to_thrd(hook_pthread_cond_signal(as_pthread(c))); }

GOSHIM_HOOK(int, cnd_broadcast)(cnd_t* c) {
  return to_thrd(hook_pthread_cond_broadcast(as_pthread(c)));
}

GOSHIM_HOOK(void, cnd_destroy)(cnd_t* c) { hook_pthread_cond_destroy(as_pthread(c)); }

GOSHIM_HOOK(void, call_once)(once_flag* flag, void (*routine)(void)) {
  hook_pthread_once(as_pthread(flag), routine);
}
