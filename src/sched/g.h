// G: one thread of the program, and the state word through which everybody wakes it.
//
// Memory of a G is type-stable: it comes from a slab and is never returned, so a stale pointer to a G is always a
// pointer to some G. What makes stale wake-ups harmless is the park word.
//
// The park word (park_word) is (seq << 8 | ParkState). Each time a G is about to wait it opens a new episode with
// park_prepare(): seq goes up by one and the state becomes kArmed. It hands out Ticket{gp, seq} to all that may wake
// it (a parking-lot bucket, poll descriptors, a timer, a signal), then calls gopark(). Exactly one waker of an
// episode wins the CAS to kWoken; the others learn that they lost and look for another waiter.
//
//    kRunning --park_prepare--> kArmed --(g0, context saved)--> kParked
//                                  \                               |
//                                   `-------- claim(why) ----------+--> kWoken | why << 4
//
// A claim that finds kArmed has nothing more to do: the G's own commit to kParked will fail and it goes on running.
// A claim that finds kParked owns the G and must goready() it.
//
// Three kinds of G share this word. A kNormal G parks by switching to g0. A kForeign G is a kernel thread we did not
// make, a kWired G one that has its own M for life: both park by a futex sleep on the low half of the park word, in
// state kSleeping instead of kParked. The state tells a claim what it has won: the kind must not be asked afterwards,
// since such a thread sees its word change by itself and may be gone, its G in another life, before the claim goes on.
//
// Fields: who may touch what, by status:
//   (a) constant after creation        (b) the G itself, while running; its M's g0, while switching
//   (c) guarded by the queue it is on  (d) atomics, protocol beside them
#pragma once

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/list.h"
#include "sched/gsignals.h"
#include "sched/timer.h"
#include "sched/wait_reason.h"

namespace goshim {

struct M;
struct G;

enum class GStatus : uint32_t {
  // In a free list or just taken from one. Owned by whoever took it.
  kIdle,
  // On a run queue, or between a queue and an M. Its stack is owned by nobody and must not be touched.
  kRunnable,
  // The runtime works for it on its M, which holds a P. Owns its stack. On no queue.
  kRunning,
  // Program code. Owns its stack, has an M; the M's P may be retaken at any time.
  kSyscall,
  // Parked. On no run queue; whoever holds a ticket of the current episode can make it runnable.
  kWaiting,
  // Finished; kept until joined, then goes back to the free list.
  kDead,
};

enum class GKind : uint8_t { kG0, kNormal, kForeign, kWired };

enum class ParkState : uint8_t { kRunning = 0, kArmed = 1, kParked = 2, kWoken = 3, kSleeping = 4 };

// What ended a wait.
enum class Wake : uint8_t {
  kNone = 0,
  kUnparked,  // what it waited for has happened
  kTimeout,   // the deadline passed
  kClosed,    // the fd it waited on was closed
  kSignal,    // a signal handler has to run: EINTR or restart
  kCancel,    // pthread_cancel
  kDeadlock,  // nothing will: it is to say where it stands (deadlock.h)
};

struct Ticket {
  G* gp;
  uint64_t seq;
};

// Bounds of a G's memory. Its slot is [slot_lo guard | stack | static TLS and TCB slot_hi); the stack in use is
// [stack_lo, stack_hi), which lies elsewhere when the program brought its own.
struct Stack {
  char* slot_lo = nullptr;
  char* slot_hi = nullptr;
  char* stack_lo = nullptr;
  char* stack_hi = nullptr;
  uint64_t guard : 56 = 0;  // bytes
  uint64_t size_class : 8 = 0;

  void set_guard(size_t bytes) { guard = bytes & ((uint64_t{1} << 56) - 1); }
};

// The first cache line is all that parking, waking and starting a G touch; of the second, signals and the dump.
struct alignas(64) G {
  GKind kind = GKind::kNormal;     // (a)
  Atomic<WaitReason> wait_reason;  // (d) as wait_on
  Atomic<bool> cpu_counted;        // (d) cpu_clock.h
  Atomic<bool> wish_noted;         // (d) src/thread/wiring has something for it to do to itself
  int32_t tid = 0;                 // (b) what gettid() says
  Atomic<uint32_t> status;         // (d) GStatus
  Atomic<uint32_t> cancel;         // (d) kCancel* bits; [cancel.word]
  Atomic<uint64_t> park_word;      // (d)
  G* schedlink = nullptr;          // (c)
  void* ctx = nullptr;             // (b) saved context while not running
  M* m = nullptr;                  // (b) the M that runs it; null while it runs on none
  void* tcb = nullptr;             // (a) the value of %fs; also the program's pthread_t
  uint64_t sig_env = 0;  // (b) which mask and alternate stack its M must have: GSignals::kmask

  Atomic<int64_t> wait_since;  // (d)
  // (d) What it waits for, for who looks from outside (include/goshim/layout.h). Written by itself; while it is in the
  // parking lot by whoever holds its bucket's lock.
  Atomic<uint64_t> wait_on;
  GSignals sig;

  // (b)
  uint64_t goid = 0;  // of this life only; main's is 1
  // (a)
  uint32_t serial = 0;                // its own through all lives
  uint32_t lives = 0;                 // earlier ones
  uint32_t os_thread_locks : 31 = 0;  // (b) chan::lock_os_thread
  bool wired_by_lock : 1 = false;     // (b) only until it unlocks its kernel thread
  bool is_listed = false;             // guarded by the allgs lock
  uint8_t tries_failed = 0;           // (b) counts round: sync::try_failed
  // What src/thread knows of it.
  struct Thread* thread = nullptr;

  // (b)
  Stack stack;
  // Deadline of the current wait.
  Timer timer;

  // (d)
  // CPU time (cpu_clock.h): written by the M that runs it, read by anybody.
  Atomic<int64_t> cpu_used;
  Atomic<int64_t> cpu_mark{-1};  // its M's clock when it started to run; -1 while it does not

  // Guarded by the allgs lock. A G is on the list of all through all its lives.
  G* all_link = nullptr;

  ListLink<G> sig_link;  // guarded by the signal lock

  GStatus get_status() const { return static_cast<GStatus>(status.load_relaxed()); }
  void set_status(GStatus s) { status.store_relaxed(static_cast<uint32_t>(s)); }
};
static_assert(offsetof(G, wait_since) == 64, "one line for the scheduler");
static_assert(sizeof(G) <= 5 * 64, "a million of them");

// G::cancel. A request acts in a cancellation point, unless it is disabled or has acted already.
constexpr uint32_t kCancelRequested = 1;
constexpr uint32_t kCancelDisabled = 2;
constexpr uint32_t kCancelAsync = 4;
constexpr uint32_t kCancelExiting = 8;
// Of the G's own: it is in a wait of libc's that is a cancellation point; the interrupt has ended that wait.
constexpr uint32_t kCancelInLibc = 16;
constexpr uint32_t kCancelCut = 32;
// Not of cancellation, but looked at in the same places: a signal came while the G did not wait (call_begins()).
constexpr uint32_t kSignalCame = 64;

inline bool cancel_due(const G* gp) {
  constexpr uint32_t kDecide = kCancelRequested | kCancelDisabled | kCancelExiting;
  return (gp->cancel.load_seq_cst() & kDecide) == kCancelRequested;  // [cancel.word]
}

// Does the cancellation act at once, wherever the G is? True only of one that is due.
inline bool cancel_is_async_due(const G* gp) {
  return cancel_due(gp) && (gp->cancel.load_relaxed() & kCancelAsync) !=
                               0;  // relaxed: cancel_due() has just read the word
}

// Is the M to be interrupted until the cancellation that is due has acted?
inline bool cancel_wants_interrupt(const G* gp) {
  // relaxed: as above
  return cancel_due(gp) && (gp->cancel.load_relaxed() & (kCancelAsync | kCancelInLibc)) != 0;
}

inline uint64_t park_pack(uint64_t seq, ParkState st, Wake why = Wake::kNone) {
  return (seq << 8) | (static_cast<uint64_t>(why) << 4) | static_cast<uint64_t>(st);
}
inline uint64_t park_seq(uint64_t w) { return w >> 8; }
inline ParkState park_state(uint64_t w) { return static_cast<ParkState>(w & 15); }
inline Wake park_why(uint64_t w) { return static_cast<Wake>((w >> 4) & 15); }
// Somebody may still wake it.
inline bool park_is_open(uint64_t w) {
  const ParkState st = park_state(w);
  return st == ParkState::kArmed || st == ParkState::kParked || st == ParkState::kSleeping;
}

}  // namespace goshim
