// How many Ps make sense here.
#pragma once

namespace goshim::os {

// CPUs this process may use: the affinity mask, cut down by a cgroup CPU quota (rounded up). At least 1.
int cpus_allowed();

}  // namespace goshim::os
