// pthread_barrier_t: glibc's object (its pthread_barrier_init fills it), our own algorithm.
// Process-shared ones are glibc's.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "base/atomic.h"

namespace goshim::sync {

struct Barrier {
  uint32_t in;  // arrived in this round; guarded by the bucket's lock
  uint32_t unused;
  uint32_t count;
  int32_t shared;
  uint32_t unused_too;
};
static_assert(sizeof(Barrier) <= sizeof(pthread_barrier_t) &&
              alignof(Barrier) <= alignof(pthread_barrier_t));

inline Barrier* as_barrier(pthread_barrier_t* b) { return reinterpret_cast<Barrier*>(b); }
inline bool barrier_is_ours(const Barrier* b) { return b->shared == 0; }

// 0, or PTHREAD_BARRIER_SERIAL_THREAD in the one that came last.
int barrier_wait(Barrier* b);

}  // namespace goshim::sync
