#include "os/signal_handlers.h"

#include <signal.h>
#include <sys/time.h>

#include "os/syscall.h"

namespace goshim::os {

namespace {

struct KernelAction {
  uintptr_t handler;
  unsigned long flags, restorer, mask;
};

}  // namespace

bool program_handles_signals(uint64_t except) {
  for (int sig = 1; sig <= 64; sig++) {
    if ((except >> (sig - 1) & 1) != 0) continue;
    KernelAction act = {};
    // SIG_DFL is 0, SIG_IGN 1.
    if (sys(SYS_rt_sigaction, sig, nullptr, &act, 8) == 0 && act.handler > 1) return true;
  }
  return false;
}

bool alarm_is_set() {
  itimerval t = {};
  return sys(SYS_getitimer, ITIMER_REAL, &t) != 0 || t.it_value.tv_sec != 0 ||
         t.it_value.tv_usec != 0;
}

}  // namespace goshim::os
