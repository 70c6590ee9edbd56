// How a waiting G learns that a signal handler or its cancellation wants to run. Filled in by src/thread.
#pragma once

#include <stdint.h>

namespace goshim {

struct G;

struct SignalOps {
  // On the G, in program context: runs the handlers of what is pending for it. True if every one of them was
  // installed with SA_RESTART.
  bool (*deliver)(G* gp) = nullptr;
  // On the G, in program context: acts on a pending cancellation (does not return then).
  void (*cancel)(G* gp) = nullptr;
};
extern SignalOps signal_ops;

// To be called by a hook whose gopark returned kSignal, after it has taken back all its registrations. True: the call
// is to be restarted; false: it fails with EINTR.
bool deliver_signals();

// To be called by a hook whose gopark returned kCancel, likewise, and at cancellation points.
void check_cancel();

}  // namespace goshim
