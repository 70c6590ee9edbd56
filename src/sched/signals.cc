#include "sched/signals.h"

#include "sched/tls.h"

namespace goshim {

constinit SignalOps signal_ops = {};
constinit Atomic<int32_t> sig_undelivered;

Delivered act_on_signals() {
  return signal_ops.deliver == nullptr ? Delivered::kNothing : signal_ops.deliver(getg());
}

void cancel_now() {
  if (signal_ops.cancel != nullptr) signal_ops.cancel(getg());
}

}  // namespace goshim
