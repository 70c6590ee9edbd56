// Waits that nothing cuts short, as a kernel thread's for a disk: no handler runs before end().
#pragma once

#include "sched/park.h"
#include "sched/signals.h"

namespace goshim {

class Undisturbed {
 public:
  // One park of the wait; who calls looks whether it is over.
  void park(Ticket t, WaitReason reason) {
    if (gopark(t, reason) != Wake::kSignal || shut_) return;
    mask_ = signal_ops.swap_mask(~0ull);
    shut_ = true;
  }

  // The caller runs what handlers are due.
  void open() {
    if (shut_) signal_ops.swap_mask(mask_);
    shut_ = false;
  }

  // Runs what handlers are due. They may jump: to be called where nobody waits for the caller any more.
  void end() {
    if (!shut_) return;
    open();
    act_on_signals();
  }

 private:
  uint64_t mask_ = 0;
  bool shut_ = false;
};

}  // namespace goshim
