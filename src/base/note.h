// Note: one-shot sleep and wake-up of an M. clear() before use; then one sleeper and one waker.
//
// Orders: [note.state] wake releases -> sleep acquires: what the waker wrote before is seen after.
#pragma once

#include <stdint.h>

#include "base/atomic.h"
#include "os/futex.h"

namespace goshim {

class Note {
 public:
  void clear() { state_.store_relaxed(0); }

  void wake() {
    state_.exchange_release(1);  // [note.state]
    os::futex_wake(state_.raw(), 1);
  }

  void sleep() {
    while (state_.load_acquire() == 0) os::futex_sleep(state_.raw(), 0, -1);  // [note.state]
  }

  // Returns true if woken, false if ns passed first.
  bool sleep_for(int64_t ns) {
    if (state_.load_acquire() != 0) return true;  // [note.state]
    os::futex_sleep(state_.raw(), 0, ns);
    return state_.load_acquire() != 0;  // [note.state]
  }

 private:
  Atomic<uint32_t> state_;
};

}  // namespace goshim
