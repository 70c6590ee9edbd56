// Threads: <pthread.h>'s create, join, exit, attributes, names; C11's thrd_*; the keys that need to be known.
#include <stdint.h>
#include <string.h>

#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "os/clock.h"
#include "preload/hook.h"
#include "preload/sync_hooks.h"
#include "preload/thread_hooks.h"
#include "runtime/runtime.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/signal.h"
#include "thread/thread.h"

using namespace goshim;

GOSHIM_HOOK(int, pthread_create)
(pthread_t* id, const pthread_attr_t* attr, void* (*start)(void*), void* arg) {
  if (disabled() || !start_for(attr)) return real.pthread_create(id, attr, start, arg);
  return create(id, attr, start, arg);
}

GOSHIM_HOOK(int, pthread_join)(pthread_t id, void** retval) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_join(id, retval);
  return join(gp, retval, kNever);
}

GOSHIM_HOOK(int, pthread_tryjoin_np)(pthread_t id, void** retval) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_tryjoin_np(id, retval);
  return thread_tryjoin(gp, retval);
}

GOSHIM_HOOK(int, pthread_timedjoin_np)
(pthread_t id, void** retval, const struct timespec* abstime) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_timedjoin_np(id, retval, abstime);
  return join_until(gp, retval, CLOCK_REALTIME, abstime);
}

GOSHIM_HOOK(int, pthread_clockjoin_np)
(pthread_t id, void** retval, clockid_t clock, const struct timespec* abstime) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_clockjoin_np(id, retval, clock, abstime);
  return join_until(gp, retval, clock, abstime);
}

GOSHIM_HOOK(int, pthread_detach)(pthread_t id) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_detach(id);
  return thread_detach(gp);
}

GOSHIM_HOOK(void, pthread_exit)(void* retval) {
  if (signal_g() != nullptr) before_exit(retval);
  real.pthread_exit(retval);
  __builtin_unreachable();
}

GOSHIM_HOOK(int, pthread_setattr_default_np)(const pthread_attr_t* attr) {
  const int err = real.pthread_setattr_default_np(attr);
  if (err == 0) default_attr_changed();
  return err;
}

GOSHIM_HOOK(int, pthread_getattr_np)(pthread_t id, pthread_attr_t* attr) {
  G* gp = live_g(id);
  if (gp == nullptr || gp->goid == 1) return real.pthread_getattr_np(id, attr);
  return get_attr(gp, attr);
}

GOSHIM_HOOK(int, pthread_setname_np)(pthread_t id, const char* name) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_setname_np(id, name);
  return thread_set_name(gp, name);
}

GOSHIM_HOOK(int, pthread_getname_np)(pthread_t id, char* buf, size_t len) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.pthread_getname_np(id, buf, len);
  return get_name(gp, buf, len);
}

GOSHIM_HOOK(int, sched_yield)() {
  goyield();
  return 0;
}
GOSHIM_EXPORT_AS(pthread_yield, sched_yield);
GOSHIM_EXPORT_AS(__sched_yield, sched_yield);

GOSHIM_HOOK(pid_t, gettid)() {
  const G* gp = signal_g();
  return gp != nullptr ? gp->tid : os::gettid();
}

GOSHIM_HOOK(int, pthread_key_create)(pthread_key_t* key, void (*destructor)(void*)) {
  const int err = real.pthread_key_create(key, destructor);
  if (err == 0) key_created(*key, destructor);
  return err;
}
GOSHIM_EXPORT_AS(__pthread_key_create, pthread_key_create);

GOSHIM_HOOK(int, pthread_key_delete)(pthread_key_t key) {
  key_deleted(key);
  return real.pthread_key_delete(key);
}

GOSHIM_HOOK(int, tss_create)(tss_t* key, tss_dtor_t destructor) {
  const int err = real.tss_create(key, destructor);
  if (err == thrd_success) key_created(*key, destructor);
  return err;
}

GOSHIM_HOOK(void, tss_delete)(tss_t key) {
  key_deleted(key);
  real.tss_delete(key);
}

GOSHIM_HOOK(int, thrd_create)(thrd_t* id, thrd_start_t start, void* arg) {
  if (disabled() || !start_for(nullptr)) return real.thrd_create(id, start, arg);
  return to_thrd(create_c11(id, start, arg));
}

GOSHIM_HOOK(int, thrd_join)(thrd_t id, int* result) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.thrd_join(id, result);
  return to_thrd(join_c11(gp, result));
}

GOSHIM_HOOK(int, thrd_detach)(thrd_t id) {
  G* gp = live_g(id);
  if (gp == nullptr) return real.thrd_detach(id);
  return to_thrd(thread_detach(gp));
}

GOSHIM_HOOK(void, thrd_exit)(int result) {
  hook_pthread_exit(reinterpret_cast<void*>(static_cast<intptr_t>(result)));
  __builtin_unreachable();
}

GOSHIM_HOOK(void, thrd_yield)() { goyield(); }
