// The condition variable.
//
// A waiter queues under the condition's key, then unlocks the mutex, then parks. A signal takes the
// first waiter off:
//
//   - its mutex is free: the waiter is woken, and locks the mutex itself;
//   - its mutex is held: the waiter is moved to the mutex's queue and sleeps on. The unlock wakes
//   it. So nobody runs
//     only to block again, and a broadcast does not stampede;
//   - its mutex is held by the signaller, who has nothing else queued behind it: the waiter is woken,
//   because it will run
//     when the signaller waits, and by then the mutex is free. That is the ping-pong, and half the
//   work.
//
// A waiter that was woken, or moved, has consumed its signal: when its timeout comes after that,
// the wait still succeeds. (`requeued` is written and read under the bucket's lock.)
//
// `waiters` lets a signal without waiters skip the bucket. It changes under the bucket's lock only.
// A signaller that changed the predicate under the mutex either did so before the waiter locked it
// (and the waiter saw the change), or after the waiter unlocked it, when `waiters` was up already:
// the mutex orders both.
//
// Nothing touches the condition after its last waiter was unlinked: it may then be destroyed.
#include "sync/cond.h"

#include <string.h>

#include "base/check.h"
#include "base/perturb.h"
#include "sync/parking_lot.h"

namespace goshim::sync {

namespace {

Key key_of(const Cond* c) { return Key::of(c, Kind::kCond); }

// Under the bucket's lock, which is why it need not be one instruction.
void count(Cond* c, uint32_t d) { c->waiters.store_relaxed(c->waiters.load_relaxed() + d); }
constexpr uint32_t kOneMore = 1, kOneLess = UINT32_MAX;

// Called under the bucket's lock when a waiter leaves by itself.
void left(Waiter* w, Lot&) {
  if (!w->requeued) count(static_cast<Cond*>(w->object), kOneLess);
}

// Wakes or moves the first waiter. `held` is the mutex whose bucket is locked too, or null; when
// the waiter's own is another one and held, nothing happens and that one is returned.
Mutex* signal_one(Lot& lot, Cond* c, Mutex* held) {
  const Key key = key_of(c);
  while (Waiter* w = lot.first(key)) {
    Mutex* m = w->mutex;
    if (m != nullptr && mutex_is_locked(m) && !(mutex_is_mine(m) && ready_would_wait_for_me())) {
      if (m != held) return m;
      if (mutex_mark_contended(m)) {
        count(c, kOneLess);
        lot.requeue(w, mutex_key(m));
        return nullptr;
      }
    }
    count(c, kOneLess);
    if (lot.unpark(w, Token::kNone)) return nullptr;
  }
  return nullptr;
}

// As signal_one for up to `n` waiters; `n` counts down. One waiter is woken if the mutex is free,
// the others queue behind it.
Mutex* signal_many(Lot& lot, Cond* c, Mutex* held, uint32_t& n, bool& woken) {
  const Key key = key_of(c);
  for (int batch = 0; batch < 256 && n > 0; batch++) {
    Waiter* w = lot.first(key);
    if (w == nullptr) {
      n = 0;
      return nullptr;
    }
    Mutex* m = w->mutex;
    if (m != nullptr && m != held) return m;
    n--;
    count(c, kOneLess);
    if (m != nullptr && (mutex_mark_contended(m) || (woken && mutex_is_ours(m)))) {
      lot.requeue(w, mutex_key(m));
    } else if (lot.unpark(w, Token::kMore) && m != nullptr) {
      woken = true;
    }
  }
  return held;
}

}  // namespace

constinit Atomic<int32_t> cond_flags_at{-1};

int32_t find_cond_flags() {
  pthread_cond_t c;
  memset(&c, 0, sizeof c);
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&c, &attr);
  const Cond* made = as_cond(&c);
  int32_t at = 0;
  while (at < 8 && made->glibcs[at].load_relaxed() != (kCondShared | kCondMonotonic)) at++;
  GS_CHECK(at < 8, "no flags found in pthread_cond_t");
  cond_flags_at.store_relaxed(at);
  return at;
}

int cond_wait(Cond* c, pthread_mutex_t* pm, const Deadline& deadline, const LibcMutex& libc) {
  Mutex* m = as_mutex(pm);
  const bool ours = mutex_is_ours(m);
  int error = ours ? mutex_may_unlock(m) : 0;
  if (error != 0) return error;

  Waiter w(WaitReason::kCondWait);
  w.by_cancel = true;
  w.object = c;
  w.on_leave = &left;
  // A recursive mutex locked more than once stays ours while we wait: no place to wait for it.
  if (ours && mutex_is_held_once(m)) w.mutex = m;

  const auto enter = [c, &w](Lot&) {
    count(c, kOneMore);
    c->last_mutex.store_relaxed(w.mutex);
    return true;
  };
  const auto unlock = [&] {
    if (ours) {
      mutex_cond_unlock(m);
    } else {
      error = libc.unlock(pm);
    }
    return error == 0;
  };
  const Parked p = park(w, key_of(c), deadline, enter, unlock);
  if (error != 0) {
    if (p.result == ParkResult::kUnparked)
      cond_signal(c);  // the signal was meant for one that waits
    return error;
  }
  GS_PERTURB("cond.before_relock");

  if (ours) error = mutex_cond_lock(m, w.requeued, p.token);
  if (!ours || error == kAskLibc) error = libc.lock(pm);
  if (error != 0) return error;
  if (w.requeued || p.result == ParkResult::kUnparked) return 0;
  return p.result == ParkResult::kCancelled ? kCondCancelled : ETIMEDOUT;
}

int cond_timedwait(Cond* c, pthread_mutex_t* m, clockid_t clock, const timespec* abstime,
                   const LibcMutex& libc) {
  if (!os::valid(*abstime) || !is_wait_clock(clock)) return EINVAL;
  return cond_wait(c, m, Deadline::on(clock, *abstime), libc);
}

void cond_signal(Cond* c) {
  if (c->waiters.load_relaxed() == 0) return;  // relaxed: ordered by the mutex, see the head
  Mutex* held = c->last_mutex.load_relaxed();
  // Then the mutex's queue is not needed, as far as one can tell; signal_one tells for sure.
  if (ready_would_wait_for_me()) held = nullptr;
  do {
    Lot lot(key_of(c), held != nullptr ? mutex_key(held) : key_of(c));
    held = signal_one(lot, c, held);
  } while (held != nullptr);
}

void cond_broadcast(Cond* c) {
  uint32_t n =
      c->waiters.load_relaxed();  // relaxed: as in cond_signal; later waiters are not meant
  Mutex* held = c->last_mutex.load_relaxed();
  bool woken = false;
  while (n > 0) {
    Lot lot(key_of(c), held != nullptr ? mutex_key(held) : key_of(c));
    Mutex* const need = signal_many(lot, c, held, n, woken);
    if (need != held) woken = false;
    held = need;
  }
}

}  // namespace goshim::sync
