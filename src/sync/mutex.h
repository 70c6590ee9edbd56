// pthread_mutex_t: glibc's own layout and lock words, our own waiting.
//
// The fields mean what they mean in glibc (which initialises, destroys, and may lock such a mutex
// itself), so:
//   lock    0 free, 1 locked, 2 locked and somebody may be queued in the parking lot
//   owner   tid of the holder      count  depth of a recursive one      nusers  1 while held, also
//   across a cond wait kind    type in the low bits; protocol, robustness and process-shared above
//
// Ours are the mutexes that only threads of this process use and whose owner's death means nothing:
// all types, also priority inheriting ones (inheritance is moot among Gs). Robust, process-shared
// and priority ceiling ones are glibc's; so is a mutex from the moment it is used with a
// process-shared condition variable (kGivenToLibc), because glibc then locks and unlocks it behind
// our back. The hooks ask mutex_is_ours() first.
#pragma once

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/amd64/tcb.h"
#include "base/atomic.h"
#include "base/check.h"
#include "sync/deadline.h"
#include "sync/waiter.h"

namespace goshim::sync {

struct Mutex {
  Atomic<int32_t> lock;
  uint32_t count;         // the holder's
  Atomic<int32_t> owner;  // written by the holder; others only ask whether it is themselves
  uint32_t nusers;        // the holder's
  Atomic<int32_t> kind;   // changes only in kGivenToLibc
  int16_t spins;
  int16_t elision;
  void* list[2];
};
static_assert(sizeof(Mutex) == sizeof(pthread_mutex_t) &&
              alignof(Mutex) == alignof(pthread_mutex_t));
static_assert(offsetof(pthread_mutex_t, __data.__lock) == 0);
static_assert(offsetof(pthread_mutex_t, __data.__count) == 4);
static_assert(offsetof(pthread_mutex_t, __data.__owner) == 8);
static_assert(offsetof(pthread_mutex_t, __data.__nusers) == 12);
static_assert(offsetof(pthread_mutex_t, __data.__kind) == 16);

enum MutexWord : int32_t { kFree = 0, kLocked = 1, kContended = 2 };

// Bits of kind, as in glibc.
enum MutexKind : int32_t {
  kTypeMask = 3,  // PTHREAD_MUTEX_NORMAL, RECURSIVE, ERRORCHECK, ADAPTIVE_NP
  kPrioInherit = 32,
  kElision = 256 | 512,
  kRobust = 16,
  kPrioProtect = 64,
  kShared = 128,
  kGivenToLibc = 1 << 16,  // our own; glibc looks at the bits below only
  kOursMask = kTypeMask | kPrioInherit | kElision,
};
static_assert(PTHREAD_MUTEX_NORMAL == 0 && PTHREAD_MUTEX_RECURSIVE == 1 &&
              PTHREAD_MUTEX_ERRORCHECK == 2 && PTHREAD_MUTEX_ADAPTIVE_NP == 3);

// What a lock operation returns when the mutex was given to glibc while it waited; never seen by
// the program.
constexpr int kAskLibc = -1;

inline Mutex* as_mutex(pthread_mutex_t* m) { return reinterpret_cast<Mutex*>(m); }

inline bool mutex_is_ours(const Mutex* m) {
  return (m->kind.load_relaxed() & ~kOursMask) ==
         0;  // relaxed: constant in use; kGivenToLibc is set by the holder
}

// The kernel has a part in it and knows owners by the number of their kernel thread: priorities, and robust mutexes that
// other processes see.
inline bool mutex_needs_kernel_tid(const Mutex* m) {
  const int32_t kind = m->kind.load_relaxed();  // relaxed: constant in use
  const bool outlives = (kind & (kRobust | kShared)) == (kRobust | kShared);
  return outlives || (kind & kPrioProtect) != 0 ||
         ((kind & kPrioInherit) != 0 && !mutex_is_ours(m));
}

inline bool mutex_has_priorities(const Mutex* m) {
  return (m->kind.load_relaxed() & (kPrioInherit | kPrioProtect)) != 0;  // relaxed: constant in use
}

// Slow halves.
int mutex_acquire_slow(Mutex* m, const Deadline& deadline);
int mutex_release_slow(Mutex* m);
int mutex_lock_typed(Mutex* m);
int mutex_unlock_typed(Mutex* m);

inline bool mutex_try_acquire(Mutex* m) {
  int32_t free = kFree;
  return m->lock.cas_acquire(free, kLocked);  // [mutex.lock]
}

// Returns 0, for unlock to end in it. The word is not looked at before: a load right after the lock's own CAS costs a
// fifth of an uncontended lock and unlock.
inline int mutex_release(Mutex* m) {
  int32_t locked = kLocked;
  if (GS_LIKELY(m->lock.cas_release(locked, kFree))) return 0;  // [mutex.lock]
  return mutex_release_slow(m);
}

inline void mutex_set_owner(Mutex* m) {
  m->owner.store_relaxed(self_tid());
  m->nusers++;
}

// All: pre mutex_is_ours(m); they return 0, an error as pthread_mutex_* does, or kAskLibc.
inline int mutex_lock(Mutex* m) {
  if (GS_UNLIKELY((m->kind.load_relaxed() & kTypeMask) != PTHREAD_MUTEX_NORMAL))
    return mutex_lock_typed(m);
  if (GS_UNLIKELY(!mutex_try_acquire(m))) {
    const int error = mutex_acquire_slow(m, Deadline::never());
    if (error != 0) return error;
  }
  mutex_set_owner(m);
  return 0;
}

inline int mutex_unlock_normal(Mutex* m) {
  m->owner.store_relaxed(0);
  m->nusers--;
  return mutex_release(m);
}

inline int mutex_unlock(Mutex* m) {
  if (GS_UNLIKELY((m->kind.load_relaxed() & kTypeMask) != PTHREAD_MUTEX_NORMAL))
    return mutex_unlock_typed(m);
  return mutex_unlock_normal(m);
}

// Ours, of the normal type, with no attribute at all.
inline bool mutex_is_plain(const Mutex* m) {
  return m->kind.load_relaxed() == PTHREAD_MUTEX_NORMAL;  // relaxed: as in mutex_is_ours()
}

// The whole of an uncontended lock of a plain mutex; false: nothing done, look closer. Small enough for a hook to do
// without a frame of its own, as mutex_unlock_normal() is.
inline bool mutex_lock_fast(Mutex* m) {
  const uint32_t tid_offset = tcb_tid_offset;
  if (GS_UNLIKELY(!mutex_is_plain(m) || tid_offset == 0)) return false;
  if (GS_UNLIKELY(!mutex_try_acquire(m))) return false;
  m->owner.store_relaxed(self_tid_at(tid_offset));
  m->nusers++;
  return true;
}

int mutex_trylock(Mutex* m);
int mutex_timedlock(Mutex* m, clockid_t clock, const timespec* abstime);

// ---- for cond.cc
// ---------------------------------------------------------------------------------------------

inline Key mutex_key(const Mutex* m) { return Key::of(m, Kind::kMutex); }

// 0, or what mutex_unlock() would say (EPERM).
int mutex_may_unlock(const Mutex* m);
// True if one unlock frees it.
bool mutex_is_held_once(const Mutex* m);
// Unlock and lock around a condition wait: nusers stays, the mutex is in use. `woken` says how the
// wait ended: with what token, and from which queue.
void mutex_cond_unlock(Mutex* m);
int mutex_cond_lock(Mutex* m, bool from_queue, Token token);

inline bool mutex_is_locked(const Mutex* m) { return m->lock.load_relaxed() != kFree; }
inline bool mutex_is_mine(const Mutex* m) { return m->owner.load_relaxed() == self_tid(); }

// Under the bucket lock of m: makes the holder's unlock look at the queue. False if there is no
// holder, or m is glibc's by now.
bool mutex_mark_contended(Mutex* m);

// The caller holds m, and glibc is about to unlock and lock it by itself: from now on it is
// glibc's. Threads queued for it are sent there.
void mutex_give_to_libc(Mutex* m);

}  // namespace goshim::sync
