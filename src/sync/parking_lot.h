// The parking lot: queues of waiting threads, keyed by address, in a fixed hash table. Nothing is
// allocated.
//
//   park()      queue up and wait         unpark()    wake the first n          requeue()   wake
//   some, move others
//
// and, for the locks with rules of their own, class Lot: one or two buckets, locked.
// The protocol is drawn at the head of parking_lot.cc.
#pragma once

#include <stdint.h>

#include <type_traits>

#include "base/annotations.h"
#include "base/mlock.h"
#include "base/perturb.h"
#include "sync/deadline.h"
#include "sync/function_ref.h"
#include "sync/waiter.h"

namespace goshim::sync {

enum class ParkResult : uint8_t {
  kUnparked,     // woken by a waker of the key, whose token is handed over
  kInvalid,      // did not wait: `validate` said no
  kTimedOut,     // the deadline passed
  kInterrupted,  // a signal handler has to run: deliver_signals() (only with by_signal)
  kCancelled,    // pthread_cancel (only with by_cancel)
};

struct Parked {
  ParkResult result;
  Token token;
};

// Queues w on key and waits.
//   validate     called under the bucket's lock (passed to it), before w is queued: false means
//   there is nothing to wait
//                for.
//   before_sleep called after w is queued and the lock dropped (a condition variable releases its
//   mutex here). May be
//                empty. Must not wait. False means: do not wait after all; the result is then
//                kInvalid, or kUnparked if somebody had already chosen w.
// A wait that ends other than by kUnparked has taken w off its queue again. If w->requeued then, w
// had already been chosen by the waker of its first key.
template <typename Validate, typename BeforeSleep = decltype(nullptr)>
Parked park(Waiter& w, Key key, const Deadline& deadline, Validate validate,
            BeforeSleep before_sleep = nullptr);

// Wakes the first n waiters of key whose bitset meets `bitset`; returns how many.
int unpark(Key key, int n, Token token = Token::kNone, uint32_t bitset = UINT32_MAX);

struct Requeued {
  bool valid;
  int woken;
  int moved;
};

// Wakes the first n_wake waiters of `from` and moves the next n_move to the end of `to`, unless
// `validate` (called under both locks) says no.
Requeued unpark_requeue(Key from, Key to, int n_wake, int n_move,
                        FunctionRef<bool()> validate = nullptr);

// In a fork child: nobody waits, no bucket is locked.
void lot_reset_after_fork();

#ifdef GOSHIM_LOT_BITS
constexpr int kLotBits = GOSHIM_LOT_BITS;  // tests: few buckets, many collisions
#else
constexpr int kLotBits = 12;
#endif
constexpr int kBuckets = 1 << kLotBits;

struct alignas(64) Bucket {
  MLock lock{LockRank::kBucket};
  IntrusiveList<Waiter, &Waiter::heads> keys GS_GUARDED_BY(lock);
  int64_t next_fair GS_GUARDED_BY(lock) = 0;

  Waiter* head_of(Key key) const GS_NO_TSA {
    for (Waiter* w = keys.front(); w != nullptr; w = w->heads.next) {
      if (w->key.load_relaxed() == key.bits) return w;  // relaxed: under the bucket's lock
    }
    return nullptr;
  }
};
static_assert(sizeof(Bucket) == 64);
extern Bucket buckets[kBuckets];

inline Bucket* bucket_of(Key key) {
  // Fibonacci hashing: addresses differ in their middle bits.
  const uint64_t h = key.bits * 0x9e3779b97f4a7c15u;
  if constexpr (kLotBits == 0) return &buckets[0];
  return &buckets[h >> (64 - (kLotBits == 0 ? 1 : kLotBits))];
}

// The buckets of one or two keys, locked in address order. Waiters unparked through it run when it
// is destroyed, after the locks are released.
class Lot {
 public:
  explicit Lot(Key a) GS_NO_TSA : low_(bucket_of(a)), high_(nullptr) { low_->lock.lock(); }
  Lot(Key a, Key b) GS_NO_TSA;
  ~Lot() GS_NO_TSA {
    if (high_ != nullptr) high_->lock.unlock();
    low_->lock.unlock();
    GS_PERTURB("lot.before_ready");
    if (GS_LIKELY(one_ready_ != nullptr)) goready(one_ready_);
    if (GS_UNLIKELY(kernel_thread_ != nullptr || !ready_.is_empty())) ready();
  }
  Lot(const Lot&) = delete;
  Lot& operator=(const Lot&) = delete;

  // The queue of k, first come first. `next` is good until the waiter is unlinked.
  Waiter* first(Key k) const { return bucket_of(k)->head_of(k); }
  static Waiter* next(const Waiter* w) { return w->peers.next; }

  void enqueue(Waiter* w, Key k);
  void unlink(Waiter* w);

  // Unlinks w and tries to end its wait. True: w counts, and must not be touched any more. False:
  // w's wait had ended otherwise; w is off the queue all the same.
  bool unpark(Waiter* w, Token token) {
    unlink(w);
    return claim_unlinked(w, token);
  }
  // The second half, for those who must set something in between.
  bool claim_unlinked(Waiter* w, Token token);

  // Moves w to the end of `to`'s queue. Both buckets must be locked.
  void requeue(Waiter* w, Key to);

  // True at most once in half a millisecond for the buckets locked: time to be fair rather than
  // fast.
  bool is_fair_turn(int64_t now);

 private:
  void add_ready(G* gp);
  void ready();

  Bucket* low_;
  Bucket* high_;            // null if there is only one
  G* one_ready_ = nullptr;  // if it is only one, which runs next; `ready_` is empty then
  GList ready_;
  G* kernel_thread_ = nullptr;  // one that is none of ours, to be woken likewise
};

// ---- the halves of park() ----------------------------------------------------------------------

// What the waiting thread waits for. Under the bucket's lock: a requeue says something else of a
// thread that may be just about to go to sleep.
inline void lot_says(const Waiter& w) {
  const Key key{w.key.load_relaxed()};  // relaxed: under the lock
  const bool moved = w.requeued && key.kind() == Kind::kMutex;
  park_says(w.ticket.gp, moved ? WaitReason::kMutexLock : w.reason, key.address());
}
// w is queued, and does not want to wait after all.
Parked lot_sleep_not(Waiter& w);
// Waits for w, which is queued, until something ends it that it lets end it.
Parked lot_sleep(Waiter& w, const Deadline& deadline);

template <typename Validate, typename BeforeSleep>
inline Parked park(Waiter& w, Key key, const Deadline& deadline, Validate validate,
                   BeforeSleep before_sleep) {
  w.ticket = park_prepare();
  w.requeued = false;
  w.token = Token::kNone;
  bool valid;
  {
    Lot lot(key);
    valid = validate(lot);
    if (valid) {
      lot.enqueue(&w, key);
      lot_says(w);
    }
  }
  if (!valid) {
    park_cancel(w.ticket);
    return {ParkResult::kInvalid, Token::kNone};
  }
  GS_PERTURB("lot.queued");
  if constexpr (!std::is_same_v<BeforeSleep, decltype(nullptr)>) {
    if (!before_sleep()) return lot_sleep_not(w);
  }
  return lot_sleep(w, deadline);
}

}  // namespace goshim::sync
