// What a G carries for signals. The rules are in src/thread/signal.h; this is only the state.
#pragma once

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/list.h"

namespace goshim {

inline constexpr uint64_t sig_bit(int sig) { return uint64_t{1} << (sig - 1); }

// Signals that a thread brings on itself: the kernel delivers them to the M on the spot.
inline constexpr uint64_t kSyncSignals = sig_bit(SIGSEGV) | sig_bit(SIGBUS) | sig_bit(SIGFPE) |
                                         sig_bit(SIGILL) | sig_bit(SIGTRAP) | sig_bit(SIGSYS) |
                                         sig_bit(SIGPIPE) | sig_bit(SIGXFSZ);
// Ours: asks an M to look at what is pending for its G. glibc keeps it for itself and refuses it to programs.
inline constexpr int kInterruptSignal = 32;
// glibc's: setuid() and the like reach all threads with it.
inline constexpr int kSetxidSignal = 33;
// What has a handler of ours or of libc's.
inline constexpr uint64_t kOwnSignals = sig_bit(kInterruptSignal) | sig_bit(kSetxidSignal);
// What an M blocks: every signal that others send. With one mask for all, a G may take a signal frame to another M.
inline constexpr uint64_t kMMask =
    ~(kSyncSignals | sig_bit(kInterruptSignal) | sig_bit(kSetxidSignal));

// A signal on its way to a G.
struct SigItem {
  ListLink<SigItem> link;
  bool shared = false;  // sent to the process, not to this thread
  siginfo_t info = {};
};

struct SigStack {
  void* lo = nullptr;  // null: none
  size_t size = 0;
  int flags = 0;
};

struct GSignals {
  // What the program blocks; written by the G itself.
  Atomic<uint64_t> mask;
  // Signals with an item in `queue`. [sig.pending]
  Atomic<uint64_t> pending;
  // Guarded by the signal lock.
  IntrusiveList<SigItem, &SigItem::link> queue;

  // The G's own.
  //
  // G::sig_env names the pair (kmask, stack) that its M must have in the kernel while it runs: 0 is (kMMask, none),
  // every other pair has a number of its own. The scheduler compares it with the M's.
  uint64_t kmask = kMMask;
  SigStack stack;
  uint32_t mask_class = 0;
  // For the time of an exec: its M's mask is its own mask.
  bool native : 1 = false;
  // It sent itself the interrupt: handlers may run though our code is interrupted.
  bool safe_point : 1 = false;
  uint8_t outcome = 0;  // Delivered: what the handlers run last want of the interrupted call

  // Here for size. Guarded by the signal lock: on the list of Gs that have yet to run a handler.
  bool listed = false;
  // Here for size. Takes signals: has been started and has not ended. [sig.open]
  Atomic<bool> open;

  // The timer's signal that it got last: timer_getoverrun() is about that one.
  int timer_id = -1;
  int timer_overrun = 0;
};
static_assert(sizeof(GSignals) == 80);

}  // namespace goshim
