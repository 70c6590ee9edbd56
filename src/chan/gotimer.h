// What package time has: Timer, Ticker, After, AfterFunc.
//
// A timer is an entry of the scheduler's timer heaps that sends the time on a channel with room for one, or starts a
// goroutine. It is counted: its owner has one reference, and the heap one while it is armed.
//
// When it fires, fire() runs on some g0, without the heap's lock, and perhaps after stop() found it gone from the heap:
// `gen` tells a firing of an earlier arming from one of this.
#pragma once

#include <stdint.h>

#include "base/annotations.h"
#include "base/list.h"
#include "base/mlock.h"
#include "chan/hchan.h"
#include "sched/timer.h"

namespace goshim::chan {

struct GoTimer {
  // Constant.
  hchan* c = nullptr;  // receives int64_t, nanotime(); ours, one reference
  void (*fn)(void*) = nullptr;
  void* arg = nullptr;
  bool is_ticker = false;

  Atomic<uint32_t> refs{1};

  MLock lock{LockRank::kGoTimer};
  bool armed GS_GUARDED_BY(lock) = false;
  int64_t period GS_GUARDED_BY(lock) = 0;  // 0: once
  int64_t due GS_GUARDED_BY(lock) = 0;     // the timer is set to this or a little later
  uint64_t gen GS_GUARDED_BY(lock) = 0;
  Timer timer GS_GUARDED_BY(lock);

  // Guarded by the lock of the list of functions to start (gotimer.cc).
  GoTimer* next = nullptr;
  uint32_t starts = 0;
};

// nullptr: no memory. ns <= 0 fires at once. period 0: once.
GoTimer* timer_new(int64_t ns, int64_t period);
GoTimer* timer_func(int64_t ns, void (*fn)(void*), void* arg);
void timer_unref(GoTimer* t);

// True if it was armed, or what it sent had not been received. After it nothing comes any more.
bool timer_stop(GoTimer* t);
// A ticker's period becomes ns too.
bool timer_reset(GoTimer* t, int64_t ns);

// A channel that gets the time once, after ns; the caller's. Its timer is gone when that has happened.
hchan* timer_after(int64_t ns);

// A goroutine of ours that the program does not count.
int system_goroutines();

void gotimer_after_fork_child();

// ---- for others of this layer that have a Timer

// As timer_add; where the runtime cannot start, a kernel thread runs the timer.
bool arm_timer(Timer* t);

}  // namespace goshim::chan
