// The system calls that syscall() treats as more than the kernel's: each takes the raw arguments
// and returns the result or -errno.
#pragma once

namespace goshim {

// preload/futex.cc
long syscall_futex(long uaddr, long op, long val, long timeout, long uaddr2, long val3);
long syscall_futex_waitv(long waiters, long n, long flags, long timeout, long clock);

// preload/syscall_thread.cc: calls that name a thread by tid, or that change what the kernel keeps for the calling one.
// True: *result is what syscall() returns, with errno set. False: the kernel's business, the caller prepared for it.
struct ThreadCall {
  long nr, a, b, c, d;
};
bool syscall_on_thread(const ThreadCall& call, long* result);

}  // namespace goshim
