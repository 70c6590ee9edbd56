// pthread_once_t: glibc's word, and glibc runs the routine (an exception or a cancellation out of
// it resets the word). Ours is that others wait as Gs.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "base/atomic.h"

namespace goshim::sync {

// Bits of the word, as in glibc; above them the fork generation.
constexpr int32_t kOnceRunning = 1;
constexpr int32_t kOnceDone = 2;

inline bool once_is_done(pthread_once_t* once) {
  // [once.done] The other end, a release store, is glibc's; an acquire is meant.
  return (as_atomic(*once).load_seq_cst() & kOnceDone) != 0;
}

// Waits while another thread runs the routine. True when it has been run; false: call glibc's
// pthread_once.
bool once_wait(pthread_once_t* once);

// After glibc's pthread_once: wakes those who wait.
void once_finished(pthread_once_t* once);

}  // namespace goshim::sync
