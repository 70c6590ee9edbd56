// Robust mutexes are glibc's; what the kernel does for them at the end of a kernel thread has to be
// done at the end of a G.
#pragma once

#include <stdint.h>

namespace goshim::sync {

// Marks every robust mutex on the list as left by a dead owner, wakes one waiter of each, and
// empties the list. `head` is the robust_head in the TCB of the calling thread, `tid` its tid,
// `kernel_tid` that of its kernel thread, by which it owns what other processes see.
void robust_list_exit(void* head, int32_t tid, int32_t kernel_tid);

}  // namespace goshim::sync
