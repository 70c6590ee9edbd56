// The mutex, after Go's sync.Mutex: an unlock frees it for whoever comes first, also for one that
// barges past those it wakes (no convoy); a waiter that has been overtaken for more than a
// millisecond gets it handed over.
//
//  [mutex.lock]   unlock releases the word (CAS 1 -> 0, or a store under the bucket lock) -> lock
//  acquires it.
//                 A hand-over leaves the word at 2; the park word carries the order ([park.woken]).
//
// The word 2 says "look into the queue when you unlock". The rule that no waiter is forgotten:
//
//   If somebody is queued then the word is 2, or there is a thread awake that will set it to 2.
//
//   - A thread queues only while the word is 2; it checks so under the bucket's lock.
//   - Only the holder can take 2 away; it does so under the bucket's lock and wakes the first in
//   the queue.
//   - If others stay behind, the woken one is told (Token::kMore). It then locks with 2, or sets 2
//   before it queues
//     again. A thread that comes by meanwhile may lock with 1 and unlock without a look: the woken
//     one is awake.
//   - A condition variable moves waiters here only while the word is 2, or behind a woken one it
//   told kMore.
//
// A free word may have threads queued, but never without one awake; so nobody waits for an unlock
// that has happened.
//
// Rejected: handing over at every unlock (each acquisition then costs a switch: the convoy); Go's
// fixed rule that the lock stays in hand-over mode while waiters are older than 1 ms (with a
// hundred threads at one lock they always are): a bucket hands over at most once in half a
// millisecond. How long to spin, who gives way and when an unlock wakes an M: ADR 0023.
#include "sync/mutex.h"

#include "arch/amd64/cycles.h"
#include "base/perturb.h"
#include "os/clock.h"
#include "sched/sched.h"
#include "sync/parking_lot.h"
#include "sync/spin.h"

namespace goshim::sync {

namespace {

constexpr int64_t kStarving = kCyclesMillisecond;

int type_of(const Mutex* m) {
  return m->kind.load_relaxed() & kTypeMask;
}  // relaxed: constant in use

// A little patience: most critical sections are shorter than a switch, and than the sleep of an M when there is nothing
// to switch to. Spinners could pass the lock to each other for ever and one that was woken wait in the queue behind
// them: now and then one of them gives way.
bool spin_acquire(Mutex* m, int32_t word) {
  constexpr uint32_t kGiveWay = 8;
  const bool hurried = others_wait_for_me();
  if (hurried && once_in(kGiveWay)) return false;
  for (Spinner spinner(hurried ? Spinner::kShort : Spinner::kLong); spinner.once();) {
    int32_t s = m->lock.load_relaxed();
    if (s == kContended && hurried) return false;
    if (s == kFree && m->lock.cas_acquire(s, word)) return true;  // [mutex.lock]
  }
  return false;
}

// Queues until m is the caller's. `word` is what to lock with: kContended if the caller was woken
// and told of others. Returns 0, ETIMEDOUT or kAskLibc.
int acquire_queued(Mutex* m, const Deadline& deadline, int32_t word, bool front) {
  Waiter w(WaitReason::kMutexLock);
  w.front = front;
  const auto still_contended = [m](Lot&) {
    return m->lock.load_relaxed() == kContended && mutex_is_ours(m);
  };
  bool woken = front;
  for (;;) {
    if (woken && spin_acquire(m, word)) return 0;
    woken = false;
    int32_t s = m->lock.load_relaxed();
    if (s == kFree) {
      if (m->lock.cas_acquire(s, word)) return 0;  // [mutex.lock]
      continue;
    }
    if (GS_UNLIKELY(!mutex_is_ours(m))) return kAskLibc;
    if (s == kLocked && !m->lock.cas_relaxed(s, kContended)) continue;
    GS_PERTURB("mutex.before_park");
    if (w.since == 0) w.since = cycles();
    w.idles_p = on_goroutine() && !others_wait_for_me() && others_run();
    const Parked p = park(w, mutex_key(m), deadline, still_contended);
    if (p.result == ParkResult::kTimedOut) return ETIMEDOUT;
    if (p.result != ParkResult::kUnparked) continue;
    if (p.token == Token::kHandoff) return 0;
    word = p.token == Token::kNone ? kLocked : kContended;
    w.front = woken = true;
  }
}

// The slow half of an unlock. True if the one woken had a P to itself, which is idle now.
bool release(Mutex* m) {
  // glibc lets anybody unlock a free normal mutex: nothing happens.
  if (m->lock.load_relaxed() == kFree) return false;
  const Key key = mutex_key(m);
  Lot lot(key);
  Waiter* w = lot.first(key);
  // One that a condition moved here has not lost a race yet: it is woken like anybody, and its time counts from when it
  // queues by itself. A signaller's unlock so needs no look at the clock, which costs as much as a switch of %fs.
  if (w != nullptr && w->since != 0) {
    const int64_t now = cycles();
    if (now - w->since >= kStarving && lot.is_fair_turn(now)) {
      for (; w != nullptr; w = lot.first(key)) {
        const bool idles_p = w->idles_p;
        if (lot.unpark(w, Token::kHandoff)) return idles_p;
      }
    }
  }
  // The last touch of m: from here it may be locked, unlocked and destroyed.
  m->lock.store_release(kFree);  // [mutex.lock]
  for (; w != nullptr; w = lot.first(key)) {
    const bool idles_p = w->idles_p;
    if (lot.unpark(w, Lot::next(w) != nullptr ? Token::kMore : Token::kNone)) return idles_p;
  }
  return false;
}

int acquire(Mutex* m) {
  return mutex_try_acquire(m) ? 0 : mutex_acquire_slow(m, Deadline::never());
}

// The part of a lock that comes before waiting: 0 to go on, kDone if it was only a matter of
// counting, or an error.
constexpr int kDone = -2;

int enter_typed(Mutex* m) {
  if (type_of(m) == PTHREAD_MUTEX_RECURSIVE && mutex_is_mine(m)) {
    if (m->count == UINT32_MAX) return EAGAIN;
    m->count++;
    return kDone;
  }
  if (type_of(m) == PTHREAD_MUTEX_ERRORCHECK && mutex_is_mine(m)) return EDEADLK;
  return 0;
}

void entered(Mutex* m) {
  if (type_of(m) == PTHREAD_MUTEX_RECURSIVE) m->count = 1;
  mutex_set_owner(m);
}

}  // namespace

GS_NOINLINE int mutex_acquire_slow(Mutex* m, const Deadline& deadline) {
  if (spin_acquire(m, kLocked)) return 0;
  return acquire_queued(m, deadline, kLocked, false);
}

GS_NOINLINE int mutex_release_slow(Mutex* m) {
  // goready() leaves the woken one to this P, but we go on and may not come to it for long.
  if (release(m)) wakep();
  return 0;
}

int mutex_lock_typed(Mutex* m) {
  int error = enter_typed(m);
  if (error == kDone) return 0;
  if (error == 0) error = acquire(m);
  if (error == 0) entered(m);
  return error;
}

int mutex_trylock(Mutex* m) {
  if (type_of(m) == PTHREAD_MUTEX_RECURSIVE) {
    const int error = enter_typed(m);
    if (error != 0) return error == kDone ? 0 : error;
  }
  if (!mutex_try_acquire(m)) {
    try_failed();
    return EBUSY;
  }
  entered(m);
  return 0;
}

int mutex_timedlock(Mutex* m, clockid_t clock, const timespec* abstime) {
  int error = enter_typed(m);
  if (error == kDone) return 0;
  if (error != 0) return error;
  if (!mutex_try_acquire(m)) {
    // As in glibc, the time is looked at only when there is something to wait for.
    if (!os::valid(*abstime)) return EINVAL;
    error = mutex_acquire_slow(m, Deadline::on(clock, *abstime));
    if (error != 0) return error;
  }
  entered(m);
  return 0;
}

int mutex_may_unlock(const Mutex* m) {
  switch (type_of(m)) {
    case PTHREAD_MUTEX_RECURSIVE:
      return mutex_is_mine(m) ? 0 : EPERM;
    case PTHREAD_MUTEX_ERRORCHECK:
      return mutex_is_mine(m) && mutex_is_locked(m) ? 0 : EPERM;
    default:
      return 0;
  }
}

bool mutex_is_held_once(const Mutex* m) {
  return type_of(m) != PTHREAD_MUTEX_RECURSIVE || m->count == 1;
}

int mutex_unlock_typed(Mutex* m) {
  const int error = mutex_may_unlock(m);
  if (error != 0) return error;
  if (type_of(m) == PTHREAD_MUTEX_RECURSIVE && --m->count != 0) return 0;
  return mutex_unlock_normal(m);
}

void mutex_cond_unlock(Mutex* m) {
  if (type_of(m) == PTHREAD_MUTEX_RECURSIVE && --m->count != 0) return;
  m->owner.store_relaxed(0);
  // Mostly a signaller, who has moved somebody here.
  if (m->lock.load_relaxed() == kContended) {
    release(m);  // whoever is woken runs here: the caller is about to park
  } else {
    mutex_release(m);
  }
}

int mutex_cond_lock(Mutex* m, bool from_queue, Token token) {
  if (!(from_queue && token == Token::kHandoff)) {
    int error = enter_typed(m);
    if (error == kDone) return 0;
    if (error != 0) return error;
    const bool told = token == Token::kMore || token == Token::kSpurious;
    const int32_t word = told ? kContended : kLocked;
    int32_t s = kFree;
    if (!m->lock.cas_acquire(s, word)) {  // [mutex.lock]
      error = told || from_queue ? acquire_queued(m, Deadline::never(), word, from_queue)
                                 : mutex_acquire_slow(m, Deadline::never());
    }
    if (error != 0) return error;
  }
  if (type_of(m) == PTHREAD_MUTEX_RECURSIVE) m->count = 1;
  m->owner.store_relaxed(self_tid());
  return 0;
}

bool mutex_mark_contended(Mutex* m) {
  if (!mutex_is_ours(m)) return false;
  int32_t s = m->lock.load_relaxed();
  while (s == kLocked) {
    if (m->lock.cas_relaxed(s, kContended)) return true;
  }
  return s != kFree;
}

void mutex_give_to_libc(Mutex* m) {
  const Key key = mutex_key(m);
  Lot lot(key);
  // Lockers check the kind under this lock before they queue. There is no unlocker: the caller
  // holds m.
  m->kind.fetch_or_relaxed(kGivenToLibc);
  while (Waiter* w = lot.first(key)) lot.unpark(w, Token::kMore);
}

}  // namespace goshim::sync
