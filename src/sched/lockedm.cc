// Wired Gs: threads that need a kernel thread of their own, because they change what the kernel keeps per thread (CPU
// set, policy, namespaces) or because the user said so.
//
// A wired G is a G whose M runs nothing else. Its M never holds a P while it runs; it parks on the futex half of its
// park word like a foreign thread, and all hooks that ask on_goroutine() pass through to libc. There is no way back:
// when it ends, its kernel thread ends with it.
#include "sched/sched.h"
#include "sched/tls.h"

namespace goshim {

void wire_self() {
  G* gp = getg();
  if (!is_normal(gp)) return;
  M* mp = gp->m;
  // Wakers look at the kind only of a G they claimed in kParked; we run.
  gp->kind = GKind::kWired;
  mp->wired = true;
  if (exitsyscall_fast(mp)) handoffp(releasep(mp));
}

}  // namespace goshim
