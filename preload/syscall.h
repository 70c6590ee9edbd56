// The system calls that syscall() treats as more than the kernel's: each takes the raw arguments
// and returns the result or -errno.
#pragma once

namespace goshim {

// preload/futex.cc
long syscall_futex(long uaddr, long op, long val, long timeout, long uaddr2, long val3);
long syscall_futex_waitv(long waiters, long n, long flags, long timeout, long clock);

}  // namespace goshim
