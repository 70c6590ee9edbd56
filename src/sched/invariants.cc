// What must hold between the scheduler's lists and counters whenever sched.lock is free. sysmon checks it at every look
// with GOSHIM_DEBUG=invariants=1.
#include "sched/sched.h"

namespace goshim {

void check_invariants() {
  MLockGuard g(sched.lock);
  int32_t n = 0;
  for (P* pp = sched.pidle; pp != nullptr; pp = pp->idle_link) {
    GS_CHECK(pp->word.load_relaxed() == p_word(0, PStatus::kIdle),
             "invariants: a P on the idle list is held");
    n++;
  }
  GS_CHECK(n == sched.npidle.load_relaxed() && n <= sched.nprocs.load_relaxed(),
           "invariants: npidle is not the idle list's length");

  n = 0;
  for (M* mp = sched.midle; mp != nullptr; mp = mp->idle_link) {
    GS_CHECK(mp->p == nullptr && mp->curg.load_relaxed() == nullptr,
             "invariants: an idle M has a P or a G");
    n++;
  }
  GS_CHECK(n == sched.nmidle, "invariants: nmidle is not the idle list's length");

  n = 0;
  for (G* gp = sched.globrunq.front(); gp != nullptr; gp = gp->schedlink) {
    GS_CHECK(gp->get_status() == GStatus::kRunnable,
             "invariants: a G on the global queue is not runnable");
    n++;
  }
  GS_CHECK(n == sched.globrunq.size() && n == sched.globrunq_size.load_relaxed(),
           "invariants: globrunq_size is not the queue's length");
  GS_CHECK(sched.nmspinning.load_relaxed() >= 0, "invariants: nmspinning is negative");
}

}  // namespace goshim
