// syscall(): the programs' own way into the kernel. What would block, or tell of kernel threads
// where the program means its own, goes to us; one case a call.
#include "preload/syscall.h"

#include <sys/syscall.h>

#include "base/debugvars.h"
#include "preload/blocking.h"
#include "preload/hook.h"

using namespace goshim;

GOSHIM_HOOK(long, syscall)(long nr, long a, long b, long c, long d, long e, long f) {
  if (!disabled()) {
    switch (nr) {
      case SYS_futex:
        return result<long>(syscall_futex(a, b, c, d, e, f));
      case SYS_futex_waitv:
        return result<long>(syscall_futex_waitv(a, b, c, d, e));
      case SYS_gettid:
        return hook_gettid();
      case SYS_sched_yield:
        return hook_sched_yield();
      default:
        break;
    }
  }
  return real.syscall(nr, a, b, c, d, e, f);
}
