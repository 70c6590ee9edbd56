// The kernel's word on what a thread does, got without a descriptor number of the program's.
//
// Only /proc tells, and an open takes the lowest free number of the process, if only for a moment: a program that has
// closed a number and expects it back from its next open would get another. So a thread with an fd table of its own,
// which is empty, opens for sysmon.
#pragma once

#include <stdint.h>

namespace goshim {

// 'R' runs or waits for a core, 'S' and 'D' sleep; '?' when the kernel does not say. Waits for the answer: two switches
// of kernel threads. sysmon only.
char task_state(int32_t tid);

// The body; the caller provides the thread, before sysmon's.
[[noreturn]] void task_state_main();

// In the child of fork, where the thread is gone.
void task_state_after_fork_child();

}  // namespace goshim
