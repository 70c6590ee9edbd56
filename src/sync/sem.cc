// The semaphore. A post adds one and wakes one waiter, which takes part in the race for the value
// like everybody else.
//
//  [sem.data]   a waiter                                   a post
//               nwaiters += 1       \                      value += 1 (release)
//               lock bucket          one word,             nwaiters == 0 ? done
//               value == 0 ? link    one order             lock bucket; wake the first
//
//  Lost wake-up = value was 0 for the waiter and nwaiters 0 for the post. Both are in one word:
//  whoever changes it second sees the other. If the waiter was first the post takes the bucket's
//  lock, and finds it linked, or the waiter validates after the post and finds the value.
//
// The post's last touch of the semaphore is the addition; the woken one may destroy it at once.
#include "sync/sem.h"

#include <errno.h>
#include <limits.h>

#include "base/perturb.h"
#include "os/futex.h"
#include "sched/signals.h"
#include "sync/parking_lot.h"

namespace goshim::sync {

namespace {

constexpr uint64_t kValueMask = UINT32_MAX;
constexpr uint64_t kOneWaiter = uint64_t{1} << 32;

Key key_of(const Sem* s) { return Key::of(s, Kind::kSem); }

// Takes one, and with `minus` the caller's place among the waiters back.
bool take(Sem* s, uint64_t minus) {
  uint64_t d = s->data.load_relaxed();
  while ((d & kValueMask) != 0) {
    if (s->data.cas_acquire(d, d - 1 - minus)) return true;  // [sem.data]
  }
  return false;
}

}  // namespace

bool sem_try(Sem* s) { return take(s, 0); }

int sem_acquire(Sem* s, const Deadline& deadline) {
  if (take(s, 0)) return 0;
  s->data.fetch_add_relaxed(kOneWaiter);
  Waiter w(WaitReason::kSemWait);
  w.by_signal = w.by_cancel = true;
  const auto is_empty = [s](Lot&) { return (s->data.load_relaxed() & kValueMask) == 0; };
  while (!take(s, kOneWaiter)) {
    GS_PERTURB("sem.before_park");
    const Parked p = park(w, key_of(s), deadline, is_empty);
    if (p.result == ParkResult::kUnparked || p.result == ParkResult::kInvalid) {
      w.front = true;
      continue;
    }
    // As in the kernel: SA_RESTART restarts a wait without a deadline only.
    if (p.result == ParkResult::kInterrupted && deliver_signals(deadline.is_never())) continue;
    s->data.fetch_sub_relaxed(kOneWaiter);
    if (p.result == ParkResult::kTimedOut) return -ETIMEDOUT;
    return p.result == ParkResult::kInterrupted ? -EINTR : kSemCancelled;
  }
  return 0;
}

int sem_timed_acquire(Sem* s, clockid_t clock, const timespec* abstime) {
  if (!is_wait_clock(clock) || !os::valid(*abstime)) return -EINVAL;
  return sem_acquire(s, Deadline::on(clock, *abstime));
}

int sem_release(Sem* s) {
  uint64_t d = s->data.load_relaxed();
  do {
    if ((d & kValueMask) == SEM_VALUE_MAX) return -EOVERFLOW;
  } while (!s->data.cas_release(d, d + 1));  // [sem.data]
  if ((d >> 32) == 0) return 0;
  GS_PERTURB("sem.before_wake");
  // Nobody in the lot: whoever waits began before the runtime was started, in the kernel.
  if (unpark(key_of(s), 1) == 0) os::futex_wake(reinterpret_cast<uint32_t*>(s), 1);
  return 0;
}

}  // namespace goshim::sync
