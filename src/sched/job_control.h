// SIGTTIN and SIGTTOU: what a terminal sends to a process that uses it from the background.
//
// The kernel looks at the mask of the thread that calls: blocked, a read is EIO and a change is let through. Ms block
// both, so the call is made with them open, unless the G blocks them itself. What then comes is the kernel's: the stop,
// or the handler, which runs here and now.
#pragma once

#include "os/syscall.h"
#include "sched/gsignals.h"
#include "sched/tls.h"

namespace goshim {

template <typename F>
auto with_job_control(F f) {
  G* gp = getg();
  const bool is_g = gp != nullptr && gp->m != nullptr;
  const uint64_t open = is_g ? (sig_bit(SIGTTIN) | sig_bit(SIGTTOU)) &
                                   ~gp->sig.mask.load_relaxed()  // relaxed: our own
                             : 0;
  uint64_t old = 0;
  if (open != 0) os::sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &open, &old, 8);
  auto r = f();
  if (open != 0) os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &old, nullptr, 8);
  return r;
}

}  // namespace goshim
