// Per-P timer heaps.
//
// A Timer is a deadline with a function. It belongs to whoever embeds it (mostly a G: one timer each), sits in at
// most one heap, and is run by whichever M checks that heap first at or after `when`. The function runs on g0 (or on
// sysmon) without the heap's lock; it must not block. Timers are never early.
//
// Those that are due together are run together. Between two deadlines what they touch goes cold, and what a thousand
// tickers then cost is little but waiting for memory; a function that is given many can ask for all of it at once.
#pragma once

#include <stdint.h>

#include "base/annotations.h"
#include "base/atomic.h"
#include "base/mlock.h"
#include "os/clock.h"

namespace goshim {

constexpr int64_t kNever = INT64_MAX;

// The deadline that is ns from now; now if ns is negative, never if the clock does not reach so far.
inline int64_t deadline_in(int64_t ns) {
  const int64_t now = os::nanotime();
  if (ns <= 0) return now;
  return ns < kNever - now ? now + ns : kNever;
}

struct P;

// A timer that has come out of its heap. The Timer itself may be in use again.
struct Due {
  void* arg;
  uint64_t seq;
};
constexpr int kMaxDue = 32;

struct Timer {
  // Constant while in a heap.
  int64_t when = 0;                             // nanotime()
  void (*fn)(const Due* due, int n) = nullptr;  // 1 to kMaxDue of its timers
  void* arg = nullptr;
  uint64_t seq = 0;

  // Guarded by heap->lock; `heap` itself may be read without it and re-checked under it.
  Atomic<struct TimerHeap*> heap;
  int32_t index = -1;
};

// A 4-ary min-heap on `when`.
struct TimerHeap {
  MLock lock{LockRank::kTimers};
  struct Slot {
    int64_t when;
    Timer* timer;
  };
  Slot* slots GS_GUARDED_BY(lock) = nullptr;
  int32_t len GS_GUARDED_BY(lock) = 0;
  int32_t cap GS_GUARDED_BY(lock) = 0;
  // The earliest `when`, or kNever. Written under the lock, read without it: a hint that may be late by one update;
  // whoever adds an earlier timer also wakes the poller (timer_add).
  Atomic<int64_t> next_when{kNever};
};

// Puts t (not in a heap) into the current P's heap, or into some heap when the caller has no P, and makes sure that
// somebody wakes up in time for it. Any context. Returns false when memory for the heap cannot be had.
bool timer_add(Timer* t);

// The same with a heap that is no P's, and wakes nobody: whoever runs that heap.
bool timer_add_to(TimerHeap* h, Timer* t);

// Takes t out if it is still in a heap. False: it has run, or is about to run; the function's own ticket protects
// against a late call. Any context.
bool timer_del(Timer* t);

// Moves the timers of a heap that nobody looks at often to one that is looked at. As many as memory allows.
void timers_adopt(TimerHeap* from, TimerHeap* to);

// Runs every timer of h that is due; returns the next deadline (kNever if none).
int64_t timers_run(TimerHeap* h, int64_t now);

// How many there are in all heaps.
int timers_count();

// The earliest deadline over all heaps.
int64_t timers_next();

}  // namespace goshim
