// The private futex operations, in the parking lot: what futex(2) does, with its return values and
// errors.
#pragma once

#include <stdint.h>

namespace goshim::sync {

// The arguments of the system call, in its order. `timeout` is a timespec* or a second count, as
// the operation has it.
struct FutexCall {
  uint32_t* uaddr;
  int op;
  uint32_t val;
  long timeout;
  uint32_t* uaddr2;
  uint32_t val3;
};

// True for the operations emulated here, once the runtime is started. The others are the kernel's,
// by futex_in_kernel(); tell futex_kernel_waits() about those that wait on a private word.
bool futex_is_ours(const FutexCall& call);

// The result, or -errno.
long futex(const FutexCall& call);

// An operation that may wait, on a G, made in the kernel. Handlers run, and end it as they end the system call.
long futex_in_kernel(const FutexCall& call);

// From now on somebody may wait in the kernel on a private futex: wake-ups go there too.
void futex_kernel_waits();

}  // namespace goshim::sync
