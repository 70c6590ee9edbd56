// The scheduler's bootstrap: Ps, and the calling kernel thread as the first M running the first G.
#include "sched/sched.h"

#include <new>

#include "arch/amd64/tcb.h"
#include "base/check.h"
#include "base/slab.h"
#include "os/clock.h"
#include "os/memory.h"
#include "sched/allgs.h"
#include "sched/deadlock.h"
#include "sched/sanitizer.h"
#include "sched/stack.h"
#include "sched/task_state.h"
#include "sched/tls.h"
#include "sched/tls_reset.h"
#include "trace/ring.h"

namespace goshim {

constinit Sched sched;

void mstart_after_fork_child();      // mstart.cc
void procresize_after_fork_child();  // procresize.cc

namespace {

constinit G main_g;

// The thread keeps its own stack and TCB, which become the first G's; its M gets a stack and TCB for g0.
const char* adopt_self() {
  M* mp = mnew();
  if (mp == nullptr) return "out of memory for the first M";
  const int32_t tid = os::gettid();
  mp->tid.store_relaxed(tid);
  sched.mcount.fetch_add_relaxed(1);
  tcb_set_tid(mp->g0->tcb, tid);
  sanitizer_tcb_made(mp->g0);
  mp->g0_ctx = make_context(mp->g0->stack.stack_hi, &g0_entry);

  main_g.kind = GKind::kNormal;
  main_g.goid = 1;
  main_g.tcb = get_fsbase();
  main_g.tid = tid;
  main_g.m = mp;
  main_g.set_status(GStatus::kSyscall);
  gadd(&main_g);
  tls_g = &main_g;
  mp->curg.store_relaxed(&main_g);
  sched.gcount.fetch_add_relaxed(1);

  {
    MLockGuard g(sched.lock);
    P* pp = pidleget();
    acquirep(mp, pp);
  }
  entersyscall(mp);
  return nullptr;
}

}  // namespace

const char* schedinit(int nprocs, bool adopt) {
  {
    MLockGuard g(sched.lock);
    if (!procs_make(nprocs)) return "out of memory for the Ps";
  }
  os::sys(SYS_sched_getaffinity, 0, sizeof sched.cpus, static_cast<uint64_t*>(sched.cpus));
  tids_reseed();
  sched.coarse_now.store_relaxed(os::nanotime());
  sched.last_poll.store_relaxed(os::nanotime());
  return adopt ? adopt_self() : nullptr;
}

void sched_after_fork_child() {
  allgs_after_fork_child();
  new (&sched) Sched();
  new (&main_g) G();
  sysmon_deep.store_relaxed(0);
  trace::after_fork_child();
  stack_after_fork_child();
  tls_reset_after_fork_child();
  mstart_after_fork_child();
  task_state_after_fork_child();
  procresize_after_fork_child();
  deadlock_after_fork_child();
}

}  // namespace goshim
