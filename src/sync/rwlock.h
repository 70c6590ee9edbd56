// pthread_rwlock_t: glibc's object (its pthread_rwlock_init sets the flags and `shared`), our own
// algorithm.
//
// Process-shared ones are glibc's. Kinds: PREFER_READER (the default) and PREFER_WRITER, which
// glibc treats the same: a reader waits only for a writer that is in; PREFER_WRITER_NONRECURSIVE:
// also for one that waits.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "sync/deadline.h"

namespace goshim::sync {

struct Rwlock {
  Atomic<uint32_t> state;  // rwlock.cc
  uint32_t unused[5];
  Atomic<int32_t>
      cur_writer;  // tid; written by the writer, others only ask whether it is themselves
  int32_t shared;
  uint64_t unused_too[2];
  uint32_t flags;  // PTHREAD_RWLOCK_PREFER_*
  uint32_t pad;
};
static_assert(sizeof(Rwlock) == sizeof(pthread_rwlock_t) &&
              alignof(Rwlock) <= alignof(pthread_rwlock_t));
static_assert(offsetof(pthread_rwlock_t, __data.__cur_writer) == offsetof(Rwlock, cur_writer));
static_assert(offsetof(pthread_rwlock_t, __data.__shared) == offsetof(Rwlock, shared));
static_assert(offsetof(pthread_rwlock_t, __data.__flags) == offsetof(Rwlock, flags));

inline Rwlock* as_rwlock(pthread_rwlock_t* rw) { return reinterpret_cast<Rwlock*>(rw); }
inline bool rwlock_is_ours(const Rwlock* rw) { return rw->shared == 0; }

// As pthread_rwlock_*. pre: rwlock_is_ours().
int rwlock_rdlock(Rwlock* rw);
int rwlock_wrlock(Rwlock* rw);
int rwlock_tryrdlock(Rwlock* rw);
int rwlock_trywrlock(Rwlock* rw);
int rwlock_timedrdlock(Rwlock* rw, clockid_t clock, const timespec* abstime);
int rwlock_timedwrlock(Rwlock* rw, clockid_t clock, const timespec* abstime);
int rwlock_unlock(Rwlock* rw);

}  // namespace goshim::sync
