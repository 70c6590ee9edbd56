#include "thread/cancel.h"

#include <errno.h>
#include <pthread.h>

#include "sched/park.h"
#include "sched/signals.h"
#include "sched/tls.h"
#include "thread/thread.h"

namespace goshim {

//  [cancel.word]  pthread_cancel                               the G goes to sleep in a cancellation
//  point
//            word |= requested (seq_cst)                  park word: armed -> parked (seq_cst)
//            park word armed or parked, and its reason    word says due ?
//            a cancellation point ? claim it                 claims itself
//  One of the two sees the other; as for signals (sched/signals.h).

int cancel_request(G* gp) {
  if (gp->get_status() == GStatus::kIdle) return ESRCH;
  const uint32_t old = gp->cancel.fetch_or_seq_cst(kCancelRequested);  // [cancel.word]
  if ((old & kCancelRequested) != 0) return 0;
  if (gp == getg()) {
    if (cancel_is_async_due(gp)) check_cancel();
    return 0;
  }
  if (!cancel_due(gp)) return 0;
  const uint64_t w = gp->park_word.load_seq_cst();  // [cancel.word]
  if (park_is_open(w)) {
    // An armed G may not have told its reason yet; then it finds the request itself when it goes to
    // sleep.
    const Wake why = cancel_wake(gp);
    if (why != Wake::kNone) wake({gp, park_seq(w)}, why);
  } else if (signal_ops.interrupt != nullptr) {
    signal_ops.interrupt(gp);
  }
  return 0;
}

int cancel_set_state(int state) {
  G* gp = getg();
  const bool disable = state == PTHREAD_CANCEL_DISABLE;
  const uint32_t old = disable ? gp->cancel.fetch_or_seq_cst(kCancelDisabled)     // [cancel.word]
                               : gp->cancel.fetch_and_seq_cst(~kCancelDisabled);  // [cancel.word]
  if (!disable && cancel_is_async_due(gp)) check_cancel();
  return (old & kCancelDisabled) != 0 ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
}

int cancel_set_type(int type) {
  G* gp = getg();
  const bool async = type == PTHREAD_CANCEL_ASYNCHRONOUS;
  const uint32_t old = async ? gp->cancel.fetch_or_seq_cst(kCancelAsync)     // [cancel.word]
                             : gp->cancel.fetch_and_seq_cst(~kCancelAsync);  // [cancel.word]
  if (async && cancel_is_async_due(gp)) check_cancel();
  return (old & kCancelAsync) != 0 ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
}

void cancel_close() { getg()->cancel.fetch_or_relaxed(kCancelExiting); }

}  // namespace goshim
