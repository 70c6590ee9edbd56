// How long to look at a word before queueing for it, and what to do when there is no queue.
#pragma once

#include <stdint.h>

#include "sync/function_ref.h"

namespace goshim::sync {

// True when another G may run at the same time as this one, so that spinning can pay.
bool spinning_pays();

// for (Spinner s; s.once();) look();      a few hundred nanoseconds in all
class Spinner {
 public:
  bool once() {
    if (round_ == 0 && !spinning_pays()) return false;
    if (round_ >= kRounds) return false;
    for (int i = 0; i < (2 << round_); i++) __builtin_ia32_pause();
    round_++;
    return true;
  }

 private:
  static constexpr int kRounds = 4;
  int round_ = 0;
};

// Waits for a word that has no queue (a pthread_spinlock_t): looks, yields, and in the end sleeps a
// little between two looks.
void spin_until(FunctionRef<bool()> done);

}  // namespace goshim::sync
