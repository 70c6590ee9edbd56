// pthread_cond_t: glibc's object, whose flags glibc's pthread_cond_init sets, with a queue in the
// parking lot.
//
// A static initialiser is all zero: private, CLOCK_REALTIME. Process-shared ones are glibc's.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "sync/deadline.h"
#include "sync/mutex.h"

namespace goshim::sync {

struct Cond {
  Atomic<uint32_t> waiters;  // queued under this condition's key; see [lot.bucket] in cond.cc
  uint32_t unused;
  Atomic<Mutex*> last_mutex;   // of the last waiter: which lock a signal will need too; an address,
                               // not to be followed
  Atomic<uint32_t> glibcs[8];  // with its flags among them
};
static_assert(sizeof(Cond) == sizeof(pthread_cond_t) && alignof(Cond) <= alignof(pthread_cond_t));

inline Cond* as_cond(pthread_cond_t* c) { return reinterpret_cast<Cond*>(c); }

constexpr uint32_t kCondShared = 1;
constexpr uint32_t kCondMonotonic = 2;

// Which word of Cond::glibcs has the flags: the last but two until glibc 2.40, another one since. Found when first
// needed; -1 before.
extern Atomic<int32_t> cond_flags_at;
int32_t find_cond_flags();

inline uint32_t cond_flags(const Cond* c) {
  int32_t at = cond_flags_at.load_relaxed();  // relaxed: everybody finds the same
  if (GS_UNLIKELY(at < 0)) at = find_cond_flags();
  return c->glibcs[at].load_relaxed();
}
inline bool cond_is_ours(const Cond* c) { return (cond_flags(c) & kCondShared) == 0; }
inline clockid_t cond_clock(const Cond* c) {
  return (cond_flags(c) & kCondMonotonic) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

// How to lock and unlock a mutex that is not ours.
struct LibcMutex {
  int (*lock)(pthread_mutex_t*);
  int (*unlock)(pthread_mutex_t*);
};

// Besides pthread_cond_wait's results: cancelled while waiting, without having consumed a signal, m
// locked again.
constexpr int kCondCancelled = -1;

int cond_wait(Cond* c, pthread_mutex_t* m, const Deadline& deadline, const LibcMutex& libc);
int cond_timedwait(Cond* c, pthread_mutex_t* m, clockid_t clock, const timespec* abstime,
                   const LibcMutex& libc);
void cond_signal(Cond* c);
void cond_broadcast(Cond* c);

}  // namespace goshim::sync
