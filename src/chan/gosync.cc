// Orders:
//   [wg.state]    each Done's CAS releases what was done before -> Wait, seeing zero, acquires it (or [lot.bucket])
//   [rw.count]    RUnlock's decrement releases -> Lock's, and the last reader's, acquires; Unlock's addition releases ->
//                 RLock's acquires
//   [rw.sem]      semrelease's increment releases -> semacquire's decrement acquires
//   [once.flag]   the flag is released after fn -> whoever sees it acquires fn's effects
#include "chan/gosync.h"

#include <pthread.h>

#include "base/perturb.h"
#include "chan/hchan.h"
#include "chan/panic.h"
#include "sched/tls.h"
#include "sync/parking_lot.h"

namespace goshim::chan {

using sync::Deadline;
using sync::Key;
using sync::Kind;
using sync::Lot;
using sync::Parked;
using sync::ParkResult;
using sync::Token;
using sync::Waiter;

namespace {

// The first to wait may be main, before there are goroutines.
void ensure_started() {
  if (GS_UNLIKELY(getg() == nullptr) && ops.start != nullptr) ops.start();
}

Key key_of(const void* p) { return Key::of(p, Kind::kGo); }

// ---- a counting semaphore, as Go's runtime has for RWMutex

void semacquire(Atomic<uint32_t>& sem, WaitReason reason) {
  for (;;) {
    uint32_t v = sem.load_relaxed();  // relaxed: the CAS decides
    while (v > 0) {
      if (sem.cas_acquire(v, v - 1)) return;  // [rw.sem]
    }
    ensure_started();
    Waiter w(reason);
    GS_PERTURB("semacquire.before_park");
    park(w, key_of(&sem), Deadline::never(),
         [&](Lot&) { return sem.load_relaxed() == 0; });  // relaxed: under the bucket's lock
  }
}

void semrelease(Atomic<uint32_t>& sem, uint32_t n) {
  sem.fetch_add_release(n);  // [rw.sem]
  unpark(key_of(&sem), static_cast<int>(n));
}

constexpr uint64_t kHasWaiters = 1;
constexpr int32_t kMaxReaders = 1 << 30;

}  // namespace

// ---- WaitGroup

void wg_add(WaitGroup* wg, int32_t delta) {
  uint64_t s = wg->state.load_relaxed();  // relaxed: the CAS decides
  uint64_t now;
  do {
    now = s + (static_cast<uint64_t>(static_cast<uint32_t>(delta)) << 32);
    if (static_cast<int64_t>(now) < 0) gopanic("sync: negative WaitGroup counter");
    if (now >> 32 == 0) now = 0;
  } while (!wg->state.cas_acq_rel(s, now));  // [wg.state]
  // The last touch of *wg was the CAS: a waiter that came late may be gone with it.
  if (now == 0 && (s & kHasWaiters) != 0) unpark(key_of(wg), INT32_MAX);
}

void wg_wait(WaitGroup* wg) {
  for (;;) {
    uint64_t s = wg->state.load_acquire();  // [wg.state]
    if (s >> 32 == 0) return;
    if ((s & kHasWaiters) == 0 && !wg->state.cas_relaxed(s, s | kHasWaiters)) continue;
    ensure_started();
    Waiter w(WaitReason::kWaitGroup);
    GS_PERTURB("wg_wait.before_park");
    // The bit goes when the counter becomes zero, and with nothing else: without it our time has come, even if the group
    // is in use again.
    const Parked p = park(w, key_of(wg), Deadline::never(), [&](Lot&) {
      return (wg->state.load_acquire() & kHasWaiters) != 0;  // [wg.state]
    });
    if (p.result == ParkResult::kInvalid) return;
    // A wake-up says nothing by itself: it may be a late one, meant for a group that lay here before.
  }
}

// ---- Mutex

GS_NOINLINE void gomutex_lock_slow(GoMutex* m) {
  ensure_started();
  sync::mutex_acquire_slow(m, Deadline::never());
}

void gomutex_unlock(GoMutex* m) {
  if (GS_UNLIKELY(!sync::mutex_is_locked(m))) gothrow("sync: unlock of unlocked mutex");
  sync::mutex_release(m);
}

// ---- RWMutex

void rw_rlock(RWMutex* rw) {
  if (rw->reader_count.fetch_add_acq_rel(1) + 1 < 0)  // [rw.count]
    semacquire(rw->reader_sem, WaitReason::kGoRWMutexR);
}

bool rw_try_rlock(RWMutex* rw) {
  int32_t n = rw->reader_count.load_relaxed();  // relaxed: the CAS decides
  while (n >= 0) {
    if (rw->reader_count.cas_acq_rel(n, n + 1)) return true;  // [rw.count]
  }
  return false;
}

void rw_runlock(RWMutex* rw) {
  const int32_t n = rw->reader_count.fetch_add_acq_rel(-1) - 1;  // [rw.count]
  if (GS_LIKELY(n >= 0)) return;
  if (n == -1 || n == -kMaxReaders - 1) gothrow("sync: RUnlock of unlocked RWMutex");
  // A writer waits, and the last reader lets it in.
  if (rw->reader_wait.fetch_add_acq_rel(-1) == 1) semrelease(rw->writer_sem, 1);  // [rw.count]
}

void rw_lock(RWMutex* rw) {
  gomutex_lock(&rw->writers);
  const int32_t readers = rw->reader_count.fetch_add_acq_rel(-kMaxReaders);  // [rw.count]
  GS_PERTURB("rw_lock.readers_out");
  if (readers != 0 && rw->reader_wait.fetch_add_acq_rel(readers) + readers != 0)  // [rw.count]
    semacquire(rw->writer_sem, WaitReason::kGoRWMutexW);
}

bool rw_try_lock(RWMutex* rw) {
  if (!gomutex_try_lock(&rw->writers)) return false;
  int32_t none = 0;
  if (rw->reader_count.cas_acq_rel(none, -kMaxReaders)) return true;  // [rw.count]
  gomutex_unlock(&rw->writers);
  return false;
}

void rw_unlock(RWMutex* rw) {
  const int32_t readers =
      rw->reader_count.fetch_add_acq_rel(kMaxReaders) + kMaxReaders;  // [rw.count]
  if (readers >= kMaxReaders) gothrow("sync: Unlock of unlocked RWMutex");
  if (readers > 0) semrelease(rw->reader_sem, static_cast<uint32_t>(readers));
  gomutex_unlock(&rw->writers);
}

// ---- Once

namespace {

void once_ends(void* p) {
  auto* o = static_cast<Once*>(p);
  o->done.store_release(1);  // [once.flag]
  gomutex_unlock(&o->m);
}

}  // namespace

GS_NOINLINE void once_do_slow(Once* o, void (*fn)(void*), void* arg) {
  gomutex_lock(&o->m);
  if (o->done.load_relaxed() != 0) {  // relaxed: under the mutex
    gomutex_unlock(&o->m);
    return;
  }
  // If fn ends its goroutine it has been done all the same, as in Go.
  pthread_cleanup_push(&once_ends, o);
  fn(arg);
  pthread_cleanup_pop(1);
}

// ---- Cond

void gocond_wait(GoCond* c, GoMutex* m) {
  ensure_started();
  bool locked = true;
  const auto unlock = [&] {
    if (locked) gomutex_unlock(m);
    locked = false;
    return true;
  };
  for (;;) {
    Waiter w(WaitReason::kGoCond);
    w.stays = true;
    const Parked p = park(
        w, key_of(c), Deadline::never(), [](Lot&) { return true; }, unlock);
    // Somebody took us off the queue, lost us to a signal handler, and went on to the next: not our turn yet.
    if (p.token != Token::kSpurious) break;
  }
  gomutex_lock(m);
}

void gocond_signal(GoCond* c) { unpark(key_of(c), 1); }
void gocond_broadcast(GoCond* c) { unpark(key_of(c), INT32_MAX); }

}  // namespace goshim::chan
