#include "sched/signals.h"

#include "sched/tls.h"

namespace goshim {

constinit SignalOps signal_ops = {};
constinit Atomic<int32_t> sig_undelivered;

Wake cancel_wake(const G* gp) {
  // relaxed: who has not told its reason yet asks again when it goes to sleep
  if (is_cancellation_point(gp->wait_reason.load_relaxed())) return Wake::kCancel;
  return cancel_is_async_due(gp) ? Wake::kSignal : Wake::kNone;
}

Delivered act_on_signals() {
  if (GS_UNLIKELY(cancel_is_async_due(getg()))) cancel_now();
  return signal_ops.deliver == nullptr ? Delivered::kNothing : signal_ops.deliver(getg());
}

void cancel_now() {
  if (signal_ops.cancel != nullptr) signal_ops.cancel(getg());
}

void call_begins_slow() {
  G* gp = getg();
  // relaxed: who sends one from now on sends it to a call that has begun
  if ((gp->cancel.load_relaxed() & kSignalCame) != 0) {
    gp->cancel.fetch_and_relaxed(~kSignalCame);
    act_on_signals();
  }
  check_cancel();
}

}  // namespace goshim
