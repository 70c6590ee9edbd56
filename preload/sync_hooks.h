// What the bodies of the synchronisation hooks are written with: our algorithm for objects that are
// ours, glibc's own functions for the others (process-shared, robust, priority ceiling) and when
// goshim is disabled.
#pragma once

#include "base/debugvars.h"
#include "preload/hook.h"
#include "sched/syscall.h"
#include "sync/barrier.h"
#include "sync/cond.h"
#include "sync/mutex.h"
#include "sync/once.h"
#include "sync/rwlock.h"
#include "sync/sem.h"

namespace goshim {

inline bool ours(pthread_mutex_t* m) {
  return !disabled() && sync::mutex_is_ours(sync::as_mutex(m));
}
inline bool ours(pthread_cond_t* c) { return !disabled() && sync::cond_is_ours(sync::as_cond(c)); }
inline bool ours(pthread_rwlock_t* rw) {
  return !disabled() && sync::rwlock_is_ours(sync::as_rwlock(rw));
}
inline bool ours(pthread_barrier_t* b) {
  return !disabled() && sync::barrier_is_ours(sync::as_barrier(b));
}
inline bool ours(sem_t* s) { return !disabled() && sync::sem_is_ours(sync::as_sem(s)); }

// A mutex in which the kernel has a part: of a robust one that other processes see it looks after the holder's death, by
// the number of the kernel thread; one with priorities it locks itself. So the caller becomes a kernel thread, and has
// that number, not its own, in the TCB while glibc works.
class KernelOwner {
 public:
  explicit KernelOwner(pthread_mutex_t* m) {
    if (GS_UNLIKELY(sync::mutex_needs_kernel_tid(sync::as_mutex(m))))
      begin(sync::mutex_has_priorities(sync::as_mutex(m)));
  }
  ~KernelOwner() {
    if (GS_UNLIKELY(gp_ != nullptr)) end();
  }
  KernelOwner(const KernelOwner&) = delete;
  KernelOwner& operator=(const KernelOwner&) = delete;

 private:
  void begin(bool priorities);
  void end();
  G* gp_ = nullptr;
};

// f() in glibc, which may block in the kernel.
template <typename F>
GS_NOINLINE int by_libc(F f) {
  return disabled() ? f() : blocking(f);
}

// The same for a wait that is a cancellation point. With `cut` it ended because the thread is to be cancelled, whatever
// it returned: the caller, which takes back what it has to, calls check_cancel() and otherwise waits on.
template <typename F>
GS_NOINLINE int cancellable_by_libc(F f, bool& cut) {
  cut = false;
  G* gp = disabled() ? nullptr : getg();
  if (gp == nullptr) return by_libc(f);
  return blocking([&] {
    gp->cancel.fetch_or_seq_cst(kCancelInLibc);  // [cancel.word]
    int r = 0;
    if (cancel_due(gp)) {
      cut = true;
    } else {
      r = f();
    }
    // relaxed: our own
    if ((gp->cancel.fetch_and_relaxed(~(kCancelInLibc | kCancelCut)) & kCancelCut) != 0) cut = true;
    return r;
  });
}

// glibc's, for those that are not ours (any more).
int libc_trylock(pthread_mutex_t* m);
int libc_unlock(pthread_mutex_t* m);

// A lock operation: by us, or by glibc; also by glibc when the mutex was given to it while we
// waited.
template <typename Ours, typename Libc>
inline int lock_either(pthread_mutex_t* m, Ours lock, Libc libc) {
  if (GS_LIKELY(ours(m))) {
    const int error = lock(sync::as_mutex(m));
    if (GS_LIKELY(error != sync::kAskLibc)) return error;
  }
  KernelOwner owner(m);
  return by_libc(libc);
}

// The waits of a condition variable or a semaphore, which are cancellation points (sync_hooks.cc).
// `abstime` null: no deadline.
int cond_wait_until(pthread_cond_t* c, pthread_mutex_t* m, clockid_t clock,
                    const timespec* abstime);
int sem_wait_until(sem_t* s, clockid_t clock, const timespec* abstime);

// pthread_* error number to a C11 thrd_* code.
inline int to_thrd(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

// glibc's C11 objects are its POSIX ones by another name.
inline pthread_mutex_t* as_pthread(mtx_t* m) { return reinterpret_cast<pthread_mutex_t*>(m); }
inline pthread_cond_t* as_pthread(cnd_t* c) { return reinterpret_cast<pthread_cond_t*>(c); }
inline pthread_once_t* as_pthread(once_flag* f) { return reinterpret_cast<pthread_once_t*>(f); }
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t) &&
              sizeof(once_flag) == sizeof(pthread_once_t));

}  // namespace goshim
