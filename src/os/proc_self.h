// What /proc/self says that no system call does.
#pragma once

namespace goshim::os {

// Kernel threads of this process; -errno if /proc does not tell.
int count_tasks();

}  // namespace goshim::os
