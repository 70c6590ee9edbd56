// Waiter: one thread (a G or a plain kernel thread, it makes no difference) in a parking-lot queue.
//
// It lives on the waiting thread's stack. Whoever wakes it first unlinks it, under the bucket's
// lock, and then claims its ticket; a claim that succeeds ends the waker's right to touch the node:
// the thread may be gone already.
#pragma once

#include <stdint.h>

#include "base/atomic.h"
#include "base/list.h"
#include "sched/park.h"

namespace goshim::sync {

struct Mutex;
class Lot;

// What kind of object a queue belongs to. Part of the key: memory that was a semaphore a moment ago
// and is a barrier now never sees the semaphore's late wake-ups.
enum class Kind : uint8_t { kFutex, kMutex, kCond, kRwlock, kSem, kBarrier, kOnce, kGo };

struct Key {
  uint64_t bits = 0;

  // User addresses have at most 57 bits.
  static Key of(const volatile void* address, Kind kind) {
    return {reinterpret_cast<uint64_t>(address) << 4 | static_cast<uint64_t>(kind)};
  }
  uint64_t address() const { return bits >> 4; }
  Kind kind() const { return static_cast<Kind>(bits & 15); }
  bool operator==(const Key&) const = default;
};

// What the waker tells the woken.
enum class Token : uint8_t {
  kNone,      // it happened; look for yourself
  kMore,      // as kNone, and others are still queued who rely on you (mutex.cc)
  kHandoff,   // what you waited for is yours
  kSpurious,  // nobody woke you for good: look again
};

struct Waiter {
  explicit Waiter(WaitReason why) : reason(why) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Set before parking, constant while parked.
  WaitReason reason;
  bool front = false;      // queue before the others: it was woken once and found nothing
  bool stays = false;      // keeps its place while a signal handler runs
  bool by_signal = false;  // a signal ends the wait; otherwise it goes on
  bool by_cancel = false;  // so does a cancellation
  bool is_writer = false;  // rwlock
  bool idles_p = false;    // mutex: its P has nothing else to run, while others run
  uint32_t bitset = UINT32_MAX;
  Mutex* mutex = nullptr;  // cond: may be moved to this mutex's queue
  void (*on_leave)(Waiter*,
                   Lot&) = nullptr;  // called under the lock when the waiter unlinks itself
  void* object = nullptr;            // for on_leave

  // Guarded by the bucket's lock. `key` changes under both buckets' locks, so its owner may read it
  // without either and check again under the one it names.
  Atomic<uint64_t> key;
  Ticket ticket = {};
  bool linked = false;
  bool requeued = false;  // moved to another key: what it waited for first has happened
  Token token = Token::kNone;
  int64_t since = 0;  // cycles() when it began to wait for a mutex; 0: moved here by a condition
  ListLink<Waiter> peers;
  ListLink<Waiter> heads;
  // In the first waiter of a key: all waiters of that key, itself included.
  struct Queue {
    Waiter* first = nullptr;
    Waiter* last = nullptr;
  } queue;
};

}  // namespace goshim::sync
