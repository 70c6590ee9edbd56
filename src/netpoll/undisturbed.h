// Waits that nothing cuts short, as a kernel thread's for a disk: no handler runs before end().
#pragma once

#include "sched/park.h"
#include "sched/signals.h"

namespace goshim {

class Undisturbed {
 public:
  // Parks with `t`; again(&t) takes a new ticket, or says that the wait is over.
  template <typename Again>
  void wait(Ticket t, WaitReason reason, Again again) {
    do {
      if (gopark(t, reason) == Wake::kSignal && !shut_) {
        mask_ = signal_ops.swap_mask(~0ull);
        shut_ = true;
      }
    } while (again(&t));
  }

  // Runs what handlers are due. They may jump: to be called where nobody waits for the caller any more.
  void end() {
    if (!shut_) return;
    shut_ = false;
    signal_ops.swap_mask(mask_);
    act_on_signals();
  }

 private:
  uint64_t mask_ = 0;
  bool shut_ = false;
};

}  // namespace goshim
