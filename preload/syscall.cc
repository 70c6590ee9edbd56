// syscall(): the programs' own way into the kernel. What would block, or tell of kernel threads
// where the program means its own, goes to us; one case a call.
#include "preload/syscall.h"

#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "base/debugvars.h"
#include "preload/blocking.h"
#include "preload/hook.h"
#include "preload/kernel_state.h"
#include "preload/process_hooks.h"
#include "preload/signal_hooks.h"
#include "runtime/fork.h"
#include "thread/signal.h"
#include "thread/thread.h"
#include "thread/wiring.h"

using namespace goshim;

namespace {

// clone() as a fork: memory of its own, on the caller's stack.
bool is_a_copy(long flags, long stack) {
  return stack == 0 && (flags & (CLONE_VM | CLONE_THREAD)) == 0;
}

long clone_copy(long flags, long stack, long ptid, long ctid, long tls) {
  const long pid = os::sys(SYS_clone, flags, stack, ptid, ctid, tls);
  if (pid == 0) runtime_after_fork_child();
  return result<long>(pid);
}

// Rings that the kernel serves for one thread only: the one that made it with that flag, enabled it, or has it under a
// number of its own. Another gets EEXIST, or another ring.
long ring_call(long nr, long a, long b, long c, long d) {
  const long r = real.syscall(nr, a, b, c, d, 0, 0);
  if (r < 0) return r;
  constexpr long kByNumber = 1L << 31;
  const long what = b & ~kByNumber;
  const bool is_tied =
      nr == SYS_io_uring_setup
          ? (reinterpret_cast<io_uring_params*>(b)->flags & IORING_SETUP_SINGLE_ISSUER) != 0
          : what == IORING_REGISTER_ENABLE_RINGS || what == IORING_REGISTER_RING_FDS;
  if (is_tied) wire_to_this_thread();
  return r;
}

long seccomp(long operation, long flags, long filter) {
  wire_for_kernel_state();
  const long r = real.syscall(SYS_seccomp, operation, flags, filter, 0, 0, 0);
  if (r >= 0 && operation <= SECCOMP_SET_MODE_FILTER)
    seccomp_was_set(operation == SECCOMP_SET_MODE_FILTER ? reinterpret_cast<void*>(filter)
                                                         : nullptr);
  return r;
}

}  // namespace

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
      case SYS_kill:
        return hook_kill(static_cast<pid_t>(a), static_cast<int>(b));
      case SYS_tgkill:
        return hook_tgkill(static_cast<pid_t>(a), static_cast<pid_t>(b), static_cast<int>(c));
      case SYS_tkill:
        // Unlike tgkill, it reaches the threads of other processes: gdb stops its inferior's so.
        if (signal_g_of_tid(static_cast<pid_t>(a)) == nullptr) break;
        return hook_tgkill(os::getpid(), static_cast<pid_t>(a), static_cast<int>(b));
      case SYS_pidfd_send_signal:
        return hook_pidfd_send_signal(static_cast<int>(a), static_cast<int>(b),
                                      reinterpret_cast<siginfo_t*>(c), static_cast<unsigned>(d));
      case SYS_exit:
        if (signal_g() != nullptr) thread_exit_plain(static_cast<int>(a));
        break;
      case SYS_fork:
        return hook__Fork();
      case SYS_vfork:
        return fork_and_wait();
      case SYS_clone:
        return is_a_copy(a, b) ? clone_copy(a, b, c, d, e) : real.syscall(nr, a, b, c, d, e, f);
      case SYS_prctl:
        return hook_prctl(static_cast<int>(a), static_cast<unsigned long>(b),
                          static_cast<unsigned long>(c), static_cast<unsigned long>(d),
                          static_cast<unsigned long>(e));
      case SYS_seccomp:
        return seccomp(a, b, c);
      case SYS_io_uring_setup:
      case SYS_io_uring_register:
        return ring_call(nr, a, b, c, d);
      default:
        if (long r = 0; syscall_on_thread({nr, a, b, c, d}, &r)) return r;
        break;
    }
  }
  return real.syscall(nr, a, b, c, d, e, f);
}
