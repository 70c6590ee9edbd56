// MLock: a futex mutex that blocks the M, for the runtime's own short critical sections.
//
// 0 free, 1 held, 2 held and somebody may sleep. Holders never park a G, never call out to the program and never
// fault on purpose; so spinning a little pays before sleeping.
//
// Each MLock has a rank (lock_rank.h); a build with invariants checks that ranks are acquired in rising order.
//
// Orders: [mlock.state] unlock releases the critical section -> lock acquires it.
#pragma once

#include <stdint.h>

#include "base/annotations.h"
#include "base/atomic.h"
#include "base/lock_rank.h"

namespace goshim {

class GS_CAPABILITY("mutex") MLock {
 public:
  constexpr explicit MLock(LockRank rank) : rank_(rank) {}

  void lock() GS_ACQUIRE() {
    uint32_t free = 0;
    if (!state_.cas_acquire(free, 1)) lock_slow();  // [mlock.state]
    lock_rank_acquire(rank_);
  }

  bool try_lock() GS_TRY_ACQUIRE(true) {
    uint32_t free = 0;
    if (!state_.cas_acquire(free, 1)) return false;  // [mlock.state]
    lock_rank_acquire(rank_);
    return true;
  }

  void unlock() GS_RELEASE() {
    lock_rank_release(rank_);
    if (state_.exchange_release(0) == 2) wake();  // [mlock.state]
  }

  bool is_locked() const { return state_.load_relaxed() != 0; }  // relaxed: a hint

  // In a fork child nobody else exists: whatever a vanished M held is free.
  void reset_after_fork() { state_.store_relaxed(0); }

 private:
  void lock_slow();
  void wake();

  Atomic<uint32_t> state_;
  const LockRank rank_;
};

class GS_SCOPED_CAPABILITY MLockGuard {
 public:
  explicit MLockGuard(MLock& l) GS_ACQUIRE(l) : l_(l) { l_.lock(); }
  ~MLockGuard() GS_RELEASE() { l_.unlock(); }
  MLockGuard(const MLockGuard&) = delete;
  MLockGuard& operator=(const MLockGuard&) = delete;

 private:
  MLock& l_;
};

}  // namespace goshim
