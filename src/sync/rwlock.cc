// The read-write lock.
//
// state: bit 0 a writer is in; bit 1 somebody is queued; bit 2 a writer is queued; above, the
// number of readers in.
//
//  [rwlock.state]  an unlock releases the state word -> a lock acquires it. A hand-over passes the
//  order through the
//                  park word ([park.woken]).
//
// Uncontended, every operation is one CAS. Otherwise:
//   - A thread queues under the bucket's lock, setting bit 1 (2) in the step that sees it cannot
//   get in.
//   - The queued bits change only under the bucket's lock and always say what is in the queue.
//   - An unlock that would leave the lock free while bit 1 is set does not; it takes the bucket's
//   lock, turns itself
//     into a writer, and grants from there: it passes its own "writer in" to the first writer in
//     the queue, or adds the readers one by one and leaves.
//   - So a lock with somebody queued is never free, and each who is woken with kHandoff is in
//   already.
//   - A queued writer that gives up may have been what kept readers out (NONRECURSIVE): it lets
//   them in.
//
// The granter sets the queued bits before it hands over: after the last claim the lock may be
// unlocked and destroyed.
#include "sync/rwlock.h"

#include <errno.h>

#include "arch/amd64/tcb.h"
#include "base/check.h"
#include "base/perturb.h"
#include "sync/parking_lot.h"
#include "sync/spin.h"

namespace goshim::sync {

namespace {

constexpr uint32_t kWriter = 1;
constexpr uint32_t kQueued = 2;
constexpr uint32_t kWriterQueued = 4;
constexpr uint32_t kReader = 8;
constexpr uint32_t kReaders = ~(kReader - 1);

Key key_of(const Rwlock* rw) { return Key::of(rw, Kind::kRwlock); }

bool prefers_writers(const Rwlock* rw) {
  return rw->flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
}

bool reader_may_enter(const Rwlock* rw, uint32_t s) {
  if ((s & kWriter) != 0) return false;
  return (s & kWriterQueued) == 0 || !prefers_writers(rw);
}
bool writer_may_enter(uint32_t s) { return (s & (kWriter | kReaders)) == 0; }

// 0, EBUSY, or EAGAIN when there are too many readers.
int try_read(Rwlock* rw) {
  uint32_t s = rw->state.load_relaxed();
  while (reader_may_enter(rw, s)) {
    if ((s & kReaders) == kReaders) return EAGAIN;
    if (rw->state.cas_acquire(s, s + kReader)) return 0;  // [rwlock.state]
  }
  return EBUSY;
}

bool try_write(Rwlock* rw) {
  uint32_t s = rw->state.load_relaxed();
  while (writer_may_enter(s)) {
    if (rw->state.cas_acquire(s, s | kWriter)) return true;  // [rwlock.state]
  }
  return false;
}

int try_enter(Rwlock* rw, bool write) { return write ? (try_write(rw) ? 0 : EBUSY) : try_read(rw); }

// Under the lock: makes the queued bits say what is in the queue.
void note_queue(Rwlock* rw, const Lot& lot) {
  uint32_t bits = 0;
  for (const Waiter* w = lot.first(key_of(rw)); w != nullptr && bits != (kQueued | kWriterQueued);
       w = Lot::next(w)) {
    bits |= w->is_writer ? kQueued | kWriterQueued : kQueued;
  }
  uint32_t s = rw->state.load_relaxed();
  while (!rw->state.cas_relaxed(s, (s & ~(kQueued | kWriterQueued)) | bits)) {
  }
}

Waiter* first_of(const Lot& lot, Key key, bool writer) {
  Waiter* w = lot.first(key);
  while (w != nullptr && w->is_writer != writer) w = Lot::next(w);
  return w;
}

// Under the lock, by one who is in, or by a writer that gives up beside readers who are: lets all queued readers in. The
// latter passes on what the last writer did without having been in after it: it has to acquire that as well.
void grant_readers(Rwlock* rw, Lot& lot) {
  const Key key = key_of(rw);
  Waiter* next;
  for (Waiter* w = lot.first(key); w != nullptr; w = next) {
    next = Lot::next(w);
    if (w->is_writer) continue;
    rw->state.fetch_add_acq_rel(kReader);  // [rwlock.state]
    if (!lot.unpark(w, Token::kHandoff)) rw->state.fetch_sub_relaxed(kReader);
  }
  note_queue(rw, lot);
}

// Under the lock, by a writer that leaves: passes the lock on, or frees it.
void grant(Rwlock* rw, Lot& lot) {
  const Key key = key_of(rw);
  for (;;) {
    Waiter* w = prefers_writers(rw) ? first_of(lot, key, true) : nullptr;
    if (w == nullptr) w = lot.first(key);
    if (w != nullptr && w->is_writer) {
      // What is queued once w is gone, before w may run.
      lot.unlink(w);
      note_queue(rw, lot);
      if (lot.claim_unlinked(w, Token::kHandoff)) return;
      continue;
    }
    if (w != nullptr) {
      grant_readers(rw, lot);
    } else {
      note_queue(rw, lot);  // in a fork child the queue is empty whatever the bits say
    }
    // Out, unless all that is left to do is ours: writers in the queue, and no reader that will
    // come by.
    uint32_t s = rw->state.load_relaxed();
    for (;;) {
      if ((s & kQueued) != 0 && (s & kReaders) == 0) break;
      if (rw->state.cas_release(s, s & ~kWriter)) return;  // [rwlock.state]
    }
  }
}

GS_NOINLINE void unlock_write_slow(Rwlock* rw) {
  Lot lot(key_of(rw));
  grant(rw, lot);
}

// The last reader leaves and somebody is queued: becomes a writer, to grant from there.
GS_NOINLINE void unlock_read_slow(Rwlock* rw) {
  GS_PERTURB("rwlock.last_reader");
  Lot lot(key_of(rw));
  uint32_t s = rw->state.load_relaxed();
  for (;;) {
    if ((s & kReaders) == kReader && (s & kQueued) != 0) {
      if (rw->state.cas_acq_rel(s, s - kReader + kWriter)) break;  // [rwlock.state]
    } else if (rw->state.cas_release(s, s - kReader)) {            // [rwlock.state]
      return;
    }
  }
  grant(rw, lot);
}

// A waiter gave up (under the lock, off the queue).
void left(Waiter* w, Lot& lot) {
  auto* rw = static_cast<Rwlock*>(w->object);
  note_queue(rw, lot);
  const uint32_t s = rw->state.load_relaxed();
  // Readers that only waited because this writer did. The lock is read-held: with somebody queued
  // it is never free, and readers queue behind a reader only for a writer's sake.
  if (w->is_writer && (s & kQueued) != 0 && reader_may_enter(rw, s)) grant_readers(rw, lot);
}

// Queues, unless the lock can be had. True if queued.
bool queue_up(Rwlock* rw, bool write) {
  uint32_t s = rw->state.load_relaxed();
  const uint32_t bits = write ? kQueued | kWriterQueued : kQueued;
  for (;;) {
    if (write ? writer_may_enter(s) : reader_may_enter(rw, s)) return false;
    if (rw->state.cas_relaxed(s, s | bits)) return true;
  }
}

GS_NOINLINE int lock_slow(Rwlock* rw, bool write, const Deadline& deadline) {
  for (Spinner spinner; spinner.once();) {
    const int error = try_enter(rw, write);
    if (error != EBUSY) return error;
  }
  Waiter w(write ? WaitReason::kRwlockWrite : WaitReason::kRwlockRead);
  w.is_writer = write;
  w.object = rw;
  w.on_leave = &left;
  for (;;) {
    const Parked p = park(w, key_of(rw), deadline, [&](Lot&) { return queue_up(rw, write); });
    if (p.result == ParkResult::kTimedOut) return ETIMEDOUT;
    if (p.result == ParkResult::kUnparked && p.token == Token::kHandoff) return 0;
    const int error = try_enter(rw, write);
    if (error != EBUSY) return error;
  }
}

bool written_by_me(const Rwlock* rw) { return rw->cur_writer.load_relaxed() == self_tid(); }

int lock(Rwlock* rw, bool write, const Deadline& deadline) {
  if (GS_UNLIKELY(written_by_me(rw))) return EDEADLK;
  int error = try_enter(rw, write);
  if (GS_UNLIKELY(error == EBUSY)) error = lock_slow(rw, write, deadline);
  if (error == 0 && write) rw->cur_writer.store_relaxed(self_tid());
  return error;
}

int timedlock(Rwlock* rw, bool write, clockid_t clock, const timespec* abstime) {
  // glibc checks these also when there is no need to wait.
  if (!is_wait_clock(clock) || !os::valid(*abstime)) return EINVAL;
  return lock(rw, write, Deadline::on(clock, *abstime));
}

}  // namespace

int rwlock_rdlock(Rwlock* rw) { return lock(rw, false, Deadline::never()); }
int rwlock_wrlock(Rwlock* rw) { return lock(rw, true, Deadline::never()); }
int rwlock_tryrdlock(Rwlock* rw) { return try_read(rw); }

int rwlock_trywrlock(Rwlock* rw) {
  if (!try_write(rw)) return EBUSY;
  rw->cur_writer.store_relaxed(self_tid());
  return 0;
}

int rwlock_timedrdlock(Rwlock* rw, clockid_t clock, const timespec* abstime) {
  return timedlock(rw, false, clock, abstime);
}
int rwlock_timedwrlock(Rwlock* rw, clockid_t clock, const timespec* abstime) {
  return timedlock(rw, true, clock, abstime);
}

int rwlock_unlock(Rwlock* rw) {
  if (written_by_me(rw)) {
    rw->cur_writer.store_relaxed(0);
    uint32_t s = kWriter;
    if (!rw->state.cas_release(s, 0)) unlock_write_slow(rw);  // [rwlock.state]
    return 0;
  }
  uint32_t s = rw->state.load_relaxed();
  for (;;) {
    if ((s & kReaders) == 0) return 0;  // nobody is in: undefined; do no harm
    if ((s & kReaders) == kReader && (s & kQueued) != 0) {
      unlock_read_slow(rw);
      return 0;
    }
    if (rw->state.cas_release(s, s - kReader)) return 0;  // [rwlock.state]
  }
}

}  // namespace goshim::sync
