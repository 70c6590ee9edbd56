// How many Ps make sense here, and waiting on the CPU.
#pragma once

#include <stdint.h>

namespace goshim::os {

// CPUs this process may use: the affinity mask, cut down by a cgroup CPU quota (rounded up). At least 1.
int cpus_allowed();

// Waits for n pauses, 25 to 45 ns each, without a look at memory. The name is Go's.
inline void procyield(uint32_t n) {
  for (; n > 0; n--) __builtin_ia32_pause();
}

}  // namespace goshim::os
