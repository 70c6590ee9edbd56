// gopark, goready and the park word (drawn in g.h).
//
//  [park.publish]  a G parks                               a waker
//                  saves its context, status = waiting
//                  CAS armed -> parked (release)           CAS parked -> woken (acquire), then
//                  makes it runnable
//                                                          CAS armed -> woken: the G's own CAS
//                                                          fails, it goes on
//
//  [park.woken]    the waker's CAS to woken releases what it did before; the G, back in gopark,
//  acquires it.
#include "sched/park.h"

#include "base/perturb.h"
#include "os/clock.h"
#include "os/futex.h"
#include "sched/deadlock.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/spinning.h"
#include "sched/tls.h"
#include "sched/trace.h"
#include "sched/with_p.h"

namespace goshim {

namespace {

uint32_t* futex_half(G* gp) {
  // Little endian: the state and the low bits of seq, which is what changes.
  return reinterpret_cast<uint32_t*>(gp->park_word.raw());
}

void timers_fired(const Due* due, int n) {
  GList ready;
  for (int i = 0; i < n; i++) {
    auto* gp = static_cast<G*>(due[i].arg);
    if (claim({gp, due[i].seq}, Wake::kTimeout) == Claim::kParked) ready.push_back(gp);
  }
  goready_all(ready);
}

}  // namespace

bool park_publish(G* gp) {
  const uint64_t seq =
      park_seq(gp->park_word.load_relaxed());  // relaxed: only the G itself changes seq
  gp->set_status(GStatus::kWaiting);
  gp->m = nullptr;
  GS_PERTURB("park.before_publish");
  uint64_t w = park_pack(seq, ParkState::kArmed);
  if (!gp->park_word.cas_seq_cst(w, park_pack(seq, ParkState::kParked)))
    return false;  // [park.publish] [sig.pending]
  // From here on gp may run elsewhere.
  if (GS_UNLIKELY(sig_deliverable(gp))) wake({gp, seq}, Wake::kSignal);
  // The G may be gone by now; then its word and reason are of another wait and the ticket is
  // stale.
  if (GS_UNLIKELY(cancel_due(gp))) {
    const Wake why = cancel_wake(gp);
    if (why != Wake::kNone) wake({gp, seq}, why);
  }
  return true;
}

G* park_m(M* mp, G* gp) {
  // Before the waker's go_ready.
  GS_TRACE(mp, go_park, gp->goid, trace_wait(gp));
  mp->curg.store_relaxed(nullptr);
  if (park_publish(gp)) return nullptr;
  GS_TRACE(mp, go_ready, gp->goid, 0);
  return gp;
}

namespace {

void park_on_futex(G* gp, uint64_t seq, int64_t deadline) {
  const uint64_t armed = park_pack(seq, ParkState::kArmed);
  const uint64_t asleep = park_pack(seq, ParkState::kSleeping);
  uint64_t w = armed;
  if (!gp->park_word.cas_seq_cst(w, asleep)) return;  // [park.publish] [sig.pending]
  if (GS_UNLIKELY(sig_deliverable(gp))) claim({gp, seq}, Wake::kSignal);
  if (GS_UNLIKELY(cancel_due(gp))) {
    const Wake why = cancel_wake(gp);
    if (why != Wake::kNone) claim({gp, seq}, why);
  }
  while (gp->park_word.load_acquire() == asleep) {  // [park.woken]
    int64_t ns = -1;
    if (deadline != kNever) {
      ns = deadline - os::nanotime();
      if (ns <= 0) {
        claim({gp, seq}, Wake::kTimeout);
        return;
      }
    }
    os::futex_sleep(futex_half(gp), static_cast<uint32_t>(asleep), ns);
  }
}

bool parks_in_kernel(const G* gp) { return gp->kind != GKind::kNormal; }

}  // namespace

Wake park_cancel(Ticket t) {
  const uint64_t w =
      t.gp->park_word.exchange_acq_rel(park_pack(t.seq, ParkState::kRunning));  // [park.woken]
  return park_state(w) == ParkState::kWoken ? park_why(w) : Wake::kNone;
}

Wake gopark(Ticket t, int64_t deadline) {
  G* gp = t.gp;
  gp->wait_since.store_relaxed(sched.coarse_now.load_relaxed());  // relaxed: for the dump
  if (parks_in_kernel(gp)) {
    GS_TRACE(gp->m, go_park, gp->goid, trace_wait(gp));
    park_on_futex(gp, t.seq, deadline);
    GS_TRACE(gp->m, go_start, gp->goid, UINT64_MAX);
  } else {
    // relaxed: only decides whether the switch is worth it; park_m's CAS decides for real
    if (park_state(gp->park_word.load_relaxed()) == ParkState::kArmed) {
      bool timed = deadline != kNever;
      if (timed) {
        gp->timer.when = deadline;
        gp->timer.fn = &timers_fired;
        gp->timer.arg = gp;
        gp->timer.seq = t.seq;
        // Without memory for the timer: time out at once rather than never.
        if (!timer_add(&gp->timer)) {
          timed = false;
          claim(t, Wake::kTimeout);
        }
      }
      mcall_park();
      if (timed) timer_del(&gp->timer);
      if (GS_UNLIKELY(gp->wish_noted.load_relaxed()))
        thread_ops.wish();  // relaxed: it acquires for itself
    }
  }
  const uint64_t w = gp->park_word.load_acquire();  // [park.woken]
  GS_CHECK(park_state(w) == ParkState::kWoken && park_seq(w) == t.seq,
           "gopark: woken without a claim");
  if (GS_UNLIKELY(park_why(w) == Wake::kDeadlock)) deadlock_say(gp, gp->wait_reason.load_relaxed());
  gp->park_word.store_relaxed(park_pack(t.seq, ParkState::kRunning));
  gp->wait_reason.store_relaxed(WaitReason::kNone);
  return park_why(w);
}

Claim claim_slow(Ticket t, uint64_t woken) {
  uint64_t w = t.gp->park_word.load_acquire();  // [park.woken]
  while (park_seq(w) == t.seq && park_is_open(w)) {
    const ParkState st = park_state(w);
    if (!t.gp->park_word.cas_acq_rel(w, woken)) continue;  // [park.publish] [park.woken]
    if (st == ParkState::kParked) return Claim::kParked;
    // A kernel thread sees the word change by itself, so it is woken here and never handed to the caller.
    if (st == ParkState::kSleeping) os::futex_wake(futex_half(t.gp), 1);
    return Claim::kArmed;
  }
  return Claim::kLost;
}

void goready(G* gp, bool next) {
  with_p([&](M* mp) {
    ready_on(mp, gp, next);
    if (mp != nullptr && mp->p != nullptr) {
      ready_wake(mp);
    } else {
      wakep();
    }
  });
}

bool wake(Ticket t, Wake why, bool next) {
  switch (claim(t, why)) {
    case Claim::kLost:
      return false;
    case Claim::kArmed:
      return true;
    case Claim::kParked:
      goready(t.gp, next);
      return true;
  }
  __builtin_unreachable();
}

void goready_all(GList& list) {
  if (list.is_empty()) return;
  with_p([&](M* mp) {
    const bool have_p = mp != nullptr && mp->p != nullptr;
    GList global;
    while (G* gp = list.pop_front()) {
      GS_TRACE(mp, go_ready, gp->goid, 0);
      gp->set_status(GStatus::kRunnable);
      if (have_p) {
        mp->p->runq.put(gp, false, global);
      } else {
        global.push_back(gp);
      }
    }
    if (!global.is_empty()) {
      globrunqput_batch(global);
      wakep();
    }
    if (have_p) ready_wake(mp);
  });
}

bool ready_would_wait_for_me() {
  const G* gp = getg();
  if (!is_normal(gp)) return false;
  const P* pp = gp->m->p;
  return pp != nullptr && pp->runq.size() == 0 &&
         sched.nmspinning.load_relaxed() == 0;  // relaxed: a hint
}

bool others_wait_for_me() {
  const G* gp = getg();
  if (!is_normal(gp)) return false;
  const P* pp = gp->m->p;
  return pp != nullptr && pp->runq.size() != 0;
}

bool others_run() {
  const G* gp = getg();
  const int32_t me = is_normal(gp) && gp->m->p != nullptr ? 1 : 0;
  // relaxed: hints
  return sched.nprocs.load_relaxed() - sched.npidle.load_relaxed() -
             sched.nmspinning.load_relaxed() >
         me;
}

bool once_in(uint32_t n) { return getm()->rand.below(n) == 0; }

Wake gosleep(int64_t deadline) { return gopark(park_prepare(), WaitReason::kSleep, deadline); }

namespace {

G* yield_m(M* mp, G* gp) {
  GS_TRACE(mp, go_yield, gp->goid, 0);
  gp->m = nullptr;
  gp->set_status(GStatus::kRunnable);
  mp->curg.store_relaxed(nullptr);
  globrunqput(gp);
  if (mp->p == nullptr) wakep();
  return nullptr;
}

}  // namespace

void goyield() {
  G* gp = getg();
  if (gp == nullptr || parks_in_kernel(gp)) {
    os::sys(SYS_sched_yield);
    return;
  }
  mcall(&yield_m);
}

void goyield_if_queued() {
  G* gp = getg();
  if (gp == nullptr || parks_in_kernel(gp)) return;
  // The P may be another M's by now: a hint.
  const P* pp = gp->m->p;
  if (pp != nullptr && work_for(pp)) mcall(&yield_m);
}

bool on_goroutine() { return is_normal(getg()); }

}  // namespace goshim
