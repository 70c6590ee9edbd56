// The parking lot.
//
// READ THIS before changing the order of anything here.
//
// A bucket is a lock and a list of queues, one queue for each key that hashes to it. A queue has no
// object of its own: its first waiter carries it and passes it on when it leaves. So finding a key
// costs one step for each *key* in the bucket, however many wait for it, and nothing is ever
// allocated.
//
//  [lot.bucket]    a waiter                                    a waker
//                  t = park_prepare()                          changes the state (releases a lock,
//                  posts, ...) lock bucket                                 lock bucket
//                    validate(): is there still a reason?        take the first waiter off the
//                    queue link w, w.ticket = t                        claim(w.ticket)
//                  unlock bucket                               unlock bucket
//                  before_sleep()                              goready(the G), if the claim says it
//                  sleeps gopark(t)
//
//  Lost wake-up = the waiter validated before the change, and the waker looked at the queue before
//  the link. Both look under the bucket's lock (MLock, [mlock]): whoever is second sees what the
//  first did. A waker may skip the bucket only if something in the object itself, changed under the
//  lock or before the waiter's validate(), says that nobody waits; each object explains its own.
//
//  A wake-up and a timeout (signal, cancellation) race for the ticket, not for the node:
//
//                  the timer                                   a waker, under the lock
//                  claim(t, kTimeout)      <-- one wins -->    unlink w; claim(t, kUnparked)
//                  the waiter runs:                            lost: w does not count, go on to the
//                  next lock bucket of w.key linked? unlink (on_leave)
//
//  The waiter returns only after it held the bucket's lock, so the waker that lost is done with the
//  node. A waker that won never touches it again. A requeue changes w.key under both locks; the
//  waiter reads the key without a lock, so it checks it again under the lock it took.
//
// Locks: bucket locks (rank kBucket), two in address order. goready() is called after they are
// released.
//
// Rejected: a queue object for each key (needs memory, or a free list with its own lifetime
// puzzles); one list of all waiters in a bucket (a million waiters on one condition variable then
// slow down every key that shares its bucket).
#include "sync/parking_lot.h"

#include "arch/amd64/cycles.h"
#include "base/check.h"
#include "base/mlock.h"
#include "base/perturb.h"
#include "sched/sched.h"
#include "sched/signals.h"

namespace goshim::sync {

constexpr int64_t kFairEvery = kCyclesMillisecond / 2;

constinit Bucket buckets[kBuckets];

namespace {

Waiter* head_of(const Bucket* b, Key key) { return b->head_of(key); }

// Takes w off its queue if it is still on it, and tells the object. False if a waker had done so
// already; that waker has lost its claim and is done with w.
bool leave(Waiter& w) {
  for (;;) {
    const Key key{w.key.load_relaxed()};  // relaxed: checked again under the lock
    GS_PERTURB("lot.leave");
    Lot lot(key);
    if (w.key.load_relaxed() != key.bits) continue;
    if (!w.linked) return false;
    lot.unlink(&w);
    if (w.on_leave != nullptr) w.on_leave(&w, lot);
    return true;
  }
}

// Opens a new episode for a waiter whose last one ended without effect, keeping its place. False if
// it has lost its place: a waker took it off the queue and then lost the claim.
bool rearm(Waiter& w) {
  const Ticket t = park_prepare();
  for (;;) {
    const Key key{w.key.load_relaxed()};  // relaxed: checked again under the lock
    Lot lot(key);
    if (w.key.load_relaxed() != key.bits) continue;
    if (!w.linked) break;
    w.ticket = t;
    lot_says(w);  // a signal handler may have waited for something else meanwhile
    return true;
  }
  park_cancel(t);
  return false;
}

// A signal handler or a cancellation cut in that is not meant to end the wait. True: wait on, in
// the same place.
bool wait_on(Waiter& w, Wake why) {
  if (why != Wake::kSignal) return rearm(w);
  if (w.stays && !cancel_is_async_due(getg())) {
    deliver_signals();
    return rearm(w);
  }
  // The handler is program code, and may not even return: nothing of ours may be linked while it
  // runs.
  leave(w);
  deliver_signals();
  return false;
}

}  // namespace

Parked lot_sleep_not(Waiter& w) {
  const bool chosen = park_cancel(w.ticket) == Wake::kUnparked;
  if (chosen) return {ParkResult::kUnparked, w.token};
  leave(w);
  return {ParkResult::kInvalid, Token::kNone};
}

Parked lot_sleep(Waiter& w, const Deadline& deadline) {
  for (;;) {
    const Wake why = gopark(w.ticket, deadline.monotonic());
    switch (why) {
      case Wake::kUnparked:
        return {ParkResult::kUnparked, w.token};
      case Wake::kTimeout:
        leave(w);
        if (deadline.has_passed()) return {ParkResult::kTimedOut, Token::kNone};
        // The clock was set back while we slept: every object allows a wake-up for nothing.
        return {ParkResult::kUnparked, Token::kSpurious};
      case Wake::kSignal:
        if (!w.by_signal) break;
        leave(w);
        return {ParkResult::kInterrupted, Token::kNone};
      case Wake::kCancel:
        if (!w.by_cancel) break;
        leave(w);
        return {ParkResult::kCancelled, Token::kNone};
      default:
        fatal("park: woken for no reason of ours");
    }
    if (!wait_on(w, why)) return {ParkResult::kUnparked, Token::kSpurious};
  }
}

Lot::Lot(Key a, Key b) : low_(bucket_of(a)), high_(bucket_of(b)) {
  if (high_ < low_) {
    Bucket* t = low_;
    low_ = high_;
    high_ = t;
  }
  if (high_ == low_) high_ = nullptr;
  low_->lock.lock();
  if (high_ != nullptr) high_->lock.lock();
}

void Lot::add_ready(G* gp) {
  if (one_ready_ == nullptr && ready_.is_empty()) {
    one_ready_ = gp;
    return;
  }
  if (one_ready_ != nullptr) ready_.push_back(one_ready_);
  one_ready_ = nullptr;
  ready_.push_back(gp);
}

void Lot::ready() {
  if (GS_UNLIKELY(kernel_thread_ != nullptr)) goready(kernel_thread_);
  goready_all(ready_);
}

void Lot::enqueue(Waiter* w, Key k) GS_NO_TSA {
  Bucket* b = bucket_of(k);
  GS_ASSERT(b == low_ || b == high_, "Lot::enqueue: bucket not locked");
  w->key.store_relaxed(k.bits);  // relaxed: under the lock(s), see waiter.h
  w->linked = true;
  Waiter* head = head_of(b, k);
  if (head == nullptr) {
    w->peers = {};
    w->queue = {w, w};
    b->keys.push_back(w);
  } else if (w->front) {
    w->peers = {nullptr, head};
    head->peers.prev = w;
    w->queue = {w, head->queue.last};
    b->keys.erase(head);
    b->keys.push_front(w);
  } else {
    Waiter* last = head->queue.last;
    w->peers = {last, nullptr};
    last->peers.next = w;
    head->queue.last = w;
  }
}

void Lot::unlink(Waiter* w) GS_NO_TSA {
  const Key k{w->key.load_relaxed()};  // relaxed: under the bucket's lock
  Bucket* b = bucket_of(k);
  GS_ASSERT(w->linked && (b == low_ || b == high_),
            "Lot::unlink: not linked, or bucket not locked");
  Waiter* prev = w->peers.prev;
  Waiter* next = w->peers.next;
  if (prev == nullptr) {
    b->keys.erase(w);
    if (next != nullptr) {
      next->peers.prev = nullptr;
      next->queue = {next, w->queue.last};
      b->keys.push_front(next);
    }
  } else {
    prev->peers.next = next;
    if (next != nullptr) {
      next->peers.prev = prev;
    } else {
      head_of(b, k)->queue.last = prev;
    }
  }
  w->peers = {};
  w->linked = false;
}

bool Lot::claim_unlinked(Waiter* w, Token token) {
  w->token = token;
  const Ticket t = w->ticket;
  GS_PERTURB("lot.before_claim");
  switch (claim(t, Wake::kUnparked)) {
    case Claim::kLost:
      return false;
    case Claim::kArmed:
      return true;
    case Claim::kParked:
      break;
  }
  if (t.gp->kind == GKind::kNormal) {
    add_ready(t.gp);
  } else {
    // A kernel thread may see the claim before it is woken, go on, and be claimed again by somebody
    // else: it must be on no list. Waking it late or twice does no harm.
    if (kernel_thread_ != nullptr) goready(kernel_thread_);
    kernel_thread_ = t.gp;
  }
  return true;
}

void Lot::requeue(Waiter* w, Key to) {
  unlink(w);
  w->requeued = true;
  enqueue(w, to);
  if (w->stays) return;  // it may be in a signal handler, and wait there
  lot_says(*w);
  w->ticket.gp->wait_since.store_relaxed(sched.coarse_now.load_relaxed());  // relaxed: to be seen
}

bool Lot::is_fair_turn(int64_t now) GS_NO_TSA {
  const int64_t early = low_->next_fair - now;
  // Far in the future: another core's counter, or one that was reset.
  if (early > 0 && early <= kFairEvery) return false;
  low_->next_fair = now + kFairEvery;
  return true;
}

int unpark(Key key, int n, Token token, uint32_t bitset) {
  Lot lot(key);
  int woken = 0;
  Waiter* next;
  for (Waiter* w = lot.first(key); w != nullptr && woken < n; w = next) {
    next = Lot::next(w);
    if ((w->bitset & bitset) != 0 && lot.unpark(w, token)) woken++;
  }
  return woken;
}

Requeued unpark_requeue(Key from, Key to, int n_wake, int n_move, FunctionRef<bool()> validate) {
  Lot lot(from, to);
  if (validate && !validate()) return {false, 0, 0};
  Requeued r = {true, 0, 0};
  Waiter* next;
  for (Waiter* w = lot.first(from); w != nullptr; w = next) {
    next = Lot::next(w);
    if (r.woken < n_wake) {
      if (lot.unpark(w, Token::kNone)) r.woken++;
    } else if (r.moved < n_move) {
      if (from != to) lot.requeue(w, to);
      r.moved++;
    } else {
      break;
    }
  }
  return r;
}

void lot_reset_after_fork() GS_NO_TSA {
  for (Bucket& b : buckets) {
    // Reads first: a bucket never used stays an untouched page in parent and child.
    if (b.lock.is_locked()) b.lock.reset_after_fork();
    if (!b.keys.is_empty()) b.keys = {};
  }
}

}  // namespace goshim::sync
