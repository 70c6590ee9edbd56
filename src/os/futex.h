// The kernel futex, for blocking an M (never a G). After Go's lock_futex contract:
//   futex_sleep(addr, val, ns): atomically, if *addr == val, sleep until woken or ns elapsed. Spurious wake-ups are
//   allowed. ns < 0 means for ever.
//   futex_wake(addr, n): wake at most n sleepers.
// The words are private to the process.
#pragma once

#include <linux/futex.h>
#include <stdint.h>
#include <time.h>

#include "os/syscall.h"

namespace goshim::os {

// Returns 0, -EAGAIN (*addr != val), -ETIMEDOUT or -EINTR.
inline long futex_sleep(uint32_t* addr, uint32_t val, int64_t ns) {
  if (ns < 0) return sys(SYS_futex, addr, FUTEX_WAIT_PRIVATE, val, nullptr);
  timespec ts = {ns / 1000000000, ns % 1000000000};
  return sys(SYS_futex, addr, FUTEX_WAIT_PRIVATE, val, &ts);
}

inline long futex_wake(uint32_t* addr, int n) {
  return sys(SYS_futex, addr, FUTEX_WAKE_PRIVATE, n);
}

}  // namespace goshim::os
