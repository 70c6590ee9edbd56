// A kernel thread made without libc.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace goshim {

// Starts fn(arg) in a new thread of this process on the stack ending at stack_hi, with %fs = tcb. The thread inherits
// the signal mask. Its tid is stored in *tid before either side goes on, and cleared when its stack is no longer in use
// after it exits. fn must not return. A tid, or -errno.
long clone_thread(void (*fn)(void*), void* arg, void* stack_hi, void* tcb, int32_t* tid);

}  // namespace goshim
