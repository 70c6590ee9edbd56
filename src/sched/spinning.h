// The spinning protocol: how work never waits beside a sleeping M.
//
// An M is spinning while it has a P, no work, and looks for some. While one spins, new work wakes nobody else: it will
// be found. The danger is the moment at which the last spinning M gives up.
//
//  [spin.dekker]   somebody submits work                 the last spinning M gives up
//                  put G on a queue                      nmspinning -= 1
//                  fence            <--- pairs --->      fence
//                  nmspinning == 0 && npidle > 0 ?       every queue empty ? block : spin again
//                      wakep()
//  A lost wake-up needs both to read the old value. The fences (seq_cst read-modify-writes) forbid it.
//
// Three rejected approaches that a newcomer would try:
//  - wake an M for every G made runnable: on a machine with idle cores each costs a futex wake and, in a VM, an IPI:
//    more than most requests. ready_wake() therefore wakes only when a G is queued that the running M will not get to
//    at once; sysmon catches the case that the running G then computes for long. Whoever does that once does it again (a
//    loop that readies its helper and waits for it by spinning): from then on its P wakes an M for a lone G too, until
//    P::lone_wakes is used up.
//  - let every idle M spin: they fight for sched.lock and burn what the program could use.
//    An M spins on only while its own last sleeps show that it pays (below).
//  - hand the G directly to an idle M: it throws away the cache it was readied in.
#pragma once

#include <stdint.h>

#include "sched/m.h"
#include "sched/sched.h"

namespace goshim {

// A futex wait and the wake that ends it, with the interrupt to an idle core, cost the two sides together about so much. An
// M that sleeps for less was put to sleep for nothing, and if another makes short-lived Gs one after the other, it is again
// with each of them: it should have gone on spinning. Whether it will be so next time nobody knows, so it spins on no
// more often than it had such sleeps; a spin that finds nothing takes one off, so that in the worst case the price is
// paid twice.
constexpr int64_t kSleepCost = 20'000;

inline void count_short_sleep(M* mp) {
  constexpr uint8_t kMost = 8;
  if (mp->short_sleeps < kMost) mp->short_sleeps++;
}

// To be called after `mp` (with a P) put work on its queue: decides whether another M is worth waking.
void ready_wake(M* mp);

// The M stops to spin because it found work.
void resetspinning(M* mp);

}  // namespace goshim
