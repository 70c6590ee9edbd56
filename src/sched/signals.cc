#include "sched/signals.h"

#include "sched/tls.h"

namespace goshim {

constinit SignalOps signal_ops = {};

bool deliver_signals() { return signal_ops.deliver == nullptr || signal_ops.deliver(getg()); }

void check_cancel() {
  if (signal_ops.cancel != nullptr) signal_ops.cancel(getg());
}

}  // namespace goshim
