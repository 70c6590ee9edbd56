// How a waiting G learns that a signal handler or its cancellation wants to run. Filled in by src/thread.
//
//  [sig.pending]  somebody sends a signal to a G          the G goes to sleep
//                 pending |= bit (seq_cst)                park word: armed -> parked (seq_cst)
//                 park word armed or parked ?             pending without the mask ?
//                     claim it with kSignal                   claims itself with kSignal
//  One of the two sees the other. The same pair stands between a sender, who reads the mask after setting the bit, and
//  a G that opens its mask and then looks at what is pending.
#pragma once

#include <stdint.h>

#include "sched/g.h"
#include "sched/tls.h"

namespace goshim {

struct M;

// What running the pending handlers means for the call that was interrupted.
enum class Delivered : uint8_t {
  kNothing,    // there were none: somebody else's signal, or a late one; go on
  kRestart,    // all handlers were installed with SA_RESTART
  kInterrupt,  // EINTR
};

struct SignalOps {
  // On the G, in program context: runs the handlers of what is pending for it.
  Delivered (*deliver)(G* gp) = nullptr;
  // On the G, in program context: unwinds and ends it, because it is cancelled. Does not return.
  void (*cancel)(G* gp) = nullptr;
  // On the G, in program context: its mask becomes this one; returns what it was.
  uint64_t (*swap_mask)(uint64_t mask) = nullptr;
  // On g0: makes mp's kernel mask and alternate stack those of gp, whose env differs.
  void (*install)(M* mp, G* gp) = nullptr;
  // On sysmon: Gs have handlers to run and may not have noticed.
  void (*poke)() = nullptr;
  // Any context: makes the M that runs gp look at what is due for it.
  void (*interrupt)(G* gp) = nullptr;
};
extern SignalOps signal_ops;

// Gs that have yet to run a handler. [sysmon.deep]
extern Atomic<int32_t> sig_undelivered;

inline bool sig_deliverable(const G* gp) {
  return (gp->sig.pending.load_seq_cst() & ~gp->sig.mask.load_relaxed()) != 0;  // [sig.pending]
}

// To be called by a hook whose gopark returned kSignal, after it has taken back all its registrations, or whose system
// call returned EINTR.
Delivered act_on_signals();

// The same for calls that SA_RESTART restarts (all, or those without a timeout, which `restarts` then says). True:
// restart it; false: it fails with EINTR.
inline bool deliver_signals(bool restarts = true) {
  const Delivered d = act_on_signals();
  return d == Delivered::kNothing || (d == Delivered::kRestart && restarts);
}

void cancel_now();

// How the cancellation that is due for gp ends the wait it is in. Where there is no cancellation
// point an asynchronous one comes as a signal does, and act_on_signals() acts on it.
Wake cancel_wake(const G* gp);

// To be called by a hook whose gopark returned kCancel, likewise, and at cancellation points. On a
// G.
inline void check_cancel() {
  if (GS_UNLIKELY(cancel_due(getg()))) cancel_now();
}

void call_begins_slow();

// Where a call begins that is a cancellation point and that handlers end: those of signals that came before it run now
// and leave it alone. A G that only waited for its turn to run has not run them yet. On a G.
inline void call_begins() {
  // [cancel.word]
  if (GS_UNLIKELY((getg()->cancel.load_seq_cst() & (kCancelRequested | kSignalCame)) != 0))
    call_begins_slow();
}

}  // namespace goshim
