// syscall(SYS_futex): the private operations in the parking lot, the others in the kernel.
#include "preload/syscall.h"

#include <linux/futex.h>
#include <sys/syscall.h>

#include "os/syscall.h"
#include "sched/syscall.h"
#include "sync/futex.h"
#include "thread/signal.h"

namespace goshim {

namespace {

bool may_wait(int op) {
  switch (op & FUTEX_CMD_MASK) {
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
    case FUTEX_WAKE_OP:
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
      return false;
    default:
      return true;
  }
}

}  // namespace

long syscall_futex(long uaddr, long op, long val, long timeout, long uaddr2, long val3) {
  const sync::FutexCall call = {reinterpret_cast<uint32_t*>(uaddr),  static_cast<int>(op),
                                static_cast<uint32_t>(val),          timeout,
                                reinterpret_cast<uint32_t*>(uaddr2), static_cast<uint32_t>(val3)};
  if (sync::futex_is_ours(call)) return sync::futex(call);
  const auto kernel = [=] { return os::sys(SYS_futex, uaddr, op, val, timeout, uaddr2, val3); };
  if (signal_g() == nullptr || !may_wait(call.op)) return kernel();
  if ((op & FUTEX_PRIVATE_FLAG) != 0) sync::futex_kernel_waits();
  return sync::futex_in_kernel(call);
}

long syscall_futex_waitv(long waiters, long n, long flags, long timeout, long clock) {
  const auto kernel = [=] { return os::sys(SYS_futex_waitv, waiters, n, flags, timeout, clock); };
  if (signal_g() == nullptr) return kernel();
  sync::futex_kernel_waits();
  return blocking_call(kernel);
}

}  // namespace goshim
