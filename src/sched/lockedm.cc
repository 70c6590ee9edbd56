// Wired Gs: threads that need a kernel thread of their own, because they change what the kernel keeps per thread (CPU
// set, policy, namespaces) or because the user said so.
//
// A wired G is a G whose M runs nothing else. Its M never holds a P while it runs; it parks on the futex half of its
// park word like a foreign thread, and all hooks that ask on_goroutine() pass through to libc. There is a
// way back only for one that was wired by LockOSThread and by nothing else; when a wired G ends, its kernel thread ends with it.
#include "arch/amd64/tcb.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/syscall.h"
#include "sched/tls.h"

namespace goshim {

void wire_self() {
  G* gp = getg();
  // Whoever calls has a reason to stay wired.
  if (gp != nullptr) gp->wired_by_lock = false;
  if (!is_normal(gp)) return;
  M* mp = gp->m;
  // Wakers look at the kind only of a G they claimed in kParked; we run.
  gp->kind = GKind::kWired;
  mp->wired = true;
  if (exitsyscall_fast(mp)) handoffp(releasep(mp));
  wired_begins(gp);
}

// Robust mutexes that other processes see: the kernel looks after them when the process is killed. Main's list is known
// to the kernel since its start.
void wired_begins(G* gp) {
  if (gp->goid != 1) os::sys(SYS_set_robust_list, tcb_robust_head(gp->tcb), kRobustHeadSize);
}

void wire_for_kernel_state() {
  wire_self();
  G* gp = getg();
  if (gp != nullptr && gp->kind == GKind::kWired) gp->m->odd = true;
}

void unwire_self() {
  G* gp = getg();
  gp->wired_by_lock = false;
  gp->m->wired = false;
  if (gp->goid != 1) os::sys(SYS_set_robust_list, nullptr, kRobustHeadSize);
  // We run, and nobody asks for the kind of a G that does. Its M has no P: it waits for one as after a system call.
  gp->kind = GKind::kNormal;
  exitsyscall();
}

}  // namespace goshim
