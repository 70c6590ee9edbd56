// Ps change hands. The protocol on P::word is drawn in p.h.
//
// Orders: [p.word] every release of a P publishes what was done with it -> every taking acquires it.
#include "base/perturb.h"
#include "sched/sched.h"
#include "sched/spinning.h"
#include "sched/trace.h"

namespace goshim {

void acquirep(M* mp, P* pp) {
  GS_CHECK(mp->p == nullptr, "acquirep: M has a P");
  GS_CHECK(p_status(pp->word.load_relaxed()) == PStatus::kIdle, "acquirep: P not idle");
  mp->p = pp;
  pp->m.store_relaxed(mp);
  pp->word.store_release(p_word(mp->id, PStatus::kRunning));  // [p.word]
}

P* releasep(M* mp) {
  P* pp = mp->p;
  GS_CHECK(pp != nullptr && pp->word.load_relaxed() == p_word(mp->id, PStatus::kRunning),
           "releasep: not ours");
  mp->p = nullptr;
  pp->word.store_release(p_word(0, PStatus::kIdle));  // [p.word]
  return pp;
}

P* pidleget() {
  P* pp = sched.pidle;
  if (pp == nullptr) return nullptr;
  sched.pidle = pp->idle_link;
  pp->idle_link = nullptr;
  sched.npidle.fetch_sub_seq_cst(1);  // [spin.npidle] [sysmon.deep]
  if (sysmon_deep.load_seq_cst() != 0)
    sysmon_wake();  // [sysmon.deep] missed, it would sleep for ever
  return pp;
}

void pidleput(P* pp) {
  if (GS_UNLIKELY(is_surplus(pp))) return pretire(pp);
  pp->idle_link = sched.pidle;
  sched.pidle = pp;
  sched.npidle.fetch_add_seq_cst(1);  // [spin.npidle]
}

bool retake(P* pp, uint64_t word) {
  return pp->word.cas_acq_rel(word, p_word(0, PStatus::kIdle));  // [p.word]
}

void handoffp(P* pp) {
  sched.handoffs.fetch_add_relaxed(1);
  GS_TRACE(trace_m(), p_handoff, 0, static_cast<uint64_t>(pp->id));
  if (GS_UNLIKELY(is_surplus(pp))) return retirep(pp);
  if (!pp->runq.is_empty() || sched.globrunq_size.load_relaxed() > 0) {
    startm(pp, false);
    return;
  }
  // Nobody spins and nobody polls: the P's M must be replaced even without work, or the network and the timers would
  // have no one to look after them.
  if (sched.nmspinning.load_seq_cst() + sched.npidle.load_seq_cst() == 0) {  // [spin.npidle]
    int32_t zero = 0;
    if (sched.nmspinning.cas_seq_cst(zero, 1)) {  // [spin.dekker]
      startm(pp, true);
      return;
    }
  }
  bool work;
  {
    MLockGuard g(sched.lock);
    work = !sched.globrunq.is_empty();
    if (!work) pidleput(pp);
  }
  if (work) {
    startm(pp, false);
    return;
  }
  // The last P went idle in our hands and no M is in the poller: get one there.
  if (sched.npidle.load_seq_cst() == sched.nprocs.load_seq_cst() &&
      sched.polling.load_seq_cst() == 0)
    wakep();  // [spin.npidle]
}

}  // namespace goshim
