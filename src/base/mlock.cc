#include "base/mlock.h"

#include "os/cpu.h"
#include "os/futex.h"

namespace goshim {

namespace {
// About 2 µs: longer than any critical section, shorter than a sleep and a wake-up.
constexpr int kSpins = 100;
}  // namespace

void MLock::lock_slow() {
  for (int i = 0; i < kSpins; i++) {
    uint32_t free = 0;
    if (state_.load_relaxed() == 0 && state_.cas_acquire(free, 1)) return;  // [mlock.state]
    os::procyield(1);
  }
  // From here on we may be one of several sleepers, so the word must stay 2 until nobody can be asleep.
  while (state_.exchange_acquire(2) != 0) {  // [mlock.state]
    os::futex_sleep(state_.raw(), 2, -1);
  }
}

void MLock::wake() { os::futex_wake(state_.raw(), 1); }

}  // namespace goshim
