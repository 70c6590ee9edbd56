// Files and children by io_uring: the G parks while the kernel reads, syncs or waits.
//
// One ring, one kernel thread (made at the first use) that alone submits and reaps. Gs push their requests on a list and
// wake it by an eventfd. Rejected: submission by the Ms. A request's task work runs in the thread that submitted it: it
// ends sleeping system calls of programs with EINTR out of nowhere, and the end of an M cancels its requests; and each
// thread that submits has io_uring workers of its own, so no limit holds.
//
// A request never writes into the program's memory. What a read misses is loaded into the page cache, through a scratch
// buffer that nobody looks at; the program's own call follows and says what there is to say. So results, short reads
// and errors are the kernel's, and nothing is left to go wrong when handlers jump.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "netpoll/undisturbed.h"
#include "sched/sched.h"

namespace goshim {

// Has n bytes at `at` brought into the page cache; parks. False: no ring, nothing done.
bool file_ring_load(int fd, int64_t at, size_t n);

constexpr long kNoRing = 1;
// fsync, or fdatasync; parks, and leaves it to the caller to end `rest`. Its result, or kNoRing.
long file_ring_sync(int fd, bool data_only, Undisturbed& rest);

// Waits until waitid(type, id, how | WNOWAIT) has something to say, and takes nothing: 0. kNoRing. -EINTR: there are
// handlers to run, or the G is cancelled; nothing of the wait is left.
long file_ring_wait_child(int type, uint32_t id, uint32_t how);

// The ring's thread makes a system call that changes credentials, as every M does. 0 or the error number.
int file_ring_set_credentials(long nr, long a, long b, long c) GS_REQUIRES(creds_lock);

// Its kernel threads: none or one.
int file_ring_threads();

// As a backend's (netpoll.h).
int file_ring_next_own(int fd);
int file_ring_move(int fd);
void file_ring_after_fork_child();

}  // namespace goshim
