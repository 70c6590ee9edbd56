#include "sched/syscall.h"

#include "base/perturb.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "sched/trace.h"

namespace goshim {

namespace {

// On g0, without a P: queues gp for one.
G* exitsyscall0(M* mp, G* gp) {
  if (mp->p == nullptr) {
    MLockGuard g(sched.lock);
    if (P* pp = pidleget()) acquirep(mp, pp);
  }
  if (mp->p != nullptr) {
    GS_TRACE(mp, go_start, gp->goid, static_cast<uint64_t>(mp->p->id));
    return gp;
  }
  GS_TRACE(mp, go_lost_p, gp->goid, 0);
  gp->m = nullptr;
  gp->set_status(GStatus::kRunnable);
  mp->curg.store_relaxed(nullptr);
  globrunqput(gp);
  return nullptr;
}

}  // namespace

void entersyscallblock(bool sleeps) {
  G* gp = getg();
  if (!is_normal(gp)) return;
  M* mp = gp->m;
  mp->blocking.store_relaxed(mp->syscalltick += 2);  // relaxed: a hint for sysmon
  if (!sleeps || mp->p == nullptr) return;
  // Known to sleep: give the P away now, if somebody can use it.
  P* pp = mp->p;
  if (pp->runq.is_empty() && sched.globrunq_size.load_relaxed() == 0 &&  // relaxed: a hint
      sched.npidle.load_relaxed() > 0) {
    return;
  }
  // As in exitsyscall.
  if (GS_UNLIKELY(os::gettid() != mp->tid.load_relaxed())) return;
  if (!exitsyscall_fast(mp)) return;
  handoffp(releasep(mp));
}

void exitsyscall() {
  G* gp = getg();
  if (!is_normal(gp)) return;
  M* mp = gp->m;
  mp->blocking.store_relaxed(0);
  if (GS_LIKELY(mp->p != nullptr &&
                mp->p->word.load_relaxed() ==  // relaxed: only we could have set it to this
                    p_word(mp->id, PStatus::kSyscall))) {
    return;
  }
  // The child of a clone(CLONE_VM) runs on its parent's G and must not schedule for it.
  if (GS_UNLIKELY(os::gettid() != mp->tid.load_relaxed())) return;
  GS_PERTURB("exitsyscall.lost_p");
  mcall(&exitsyscall0);
}

}  // namespace goshim
