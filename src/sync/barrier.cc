// The barrier. All of it happens under the bucket's lock: the last to arrive takes the others off
// the queue and wakes them. Nobody touches the barrier after that: the first to return may destroy
// it.
//
// Being off the queue is being released, also for one whose wait a signal ended at the same time:
// only the last arrival takes a barrier's waiters off.
#include "sync/barrier.h"

#include "sync/parking_lot.h"

namespace goshim::sync {

int barrier_wait(Barrier* b) {
  const Key key = Key::of(b, Kind::kBarrier);
  bool last = false;
  const auto arrive = [&](Lot& lot) {
    b->in++;
    last = b->in >= b->count;
    if (!last) return true;
    b->in = 0;
    while (Waiter* other = lot.first(key)) lot.unpark(other, Token::kNone);
    return false;
  };
  Waiter w(WaitReason::kBarrierWait);
  w.stays = true;  // it has arrived
  park(w, key, Deadline::never(), arrive);
  return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

}  // namespace goshim::sync
