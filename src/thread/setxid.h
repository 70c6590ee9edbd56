// Credentials belong to the process for POSIX and to each thread for Linux: setuid() and its kin must reach all.
//
// glibc sends signal 33 to the threads on its lists, whose handler makes the system call. Those are sysmon, sigm, what
// other threads libc made, and main, that is, the first kernel thread. The Ms are ours to reach, by the same signal.
//
//  [creds.seq]  the changer, under creds_lock             an M
//               writes the command
//               creds_seq += 1 (release)
//               sends 33 to every M                       handler: reads seq (acquire), makes the call
//               waits for M::creds == seq (acquire)       M::creds = seq (release), wakes
//  No M is made meanwhile: make_thread() holds the same lock, and the new thread has its maker's credentials.
#pragma once

#include "sched/sched.h"

namespace goshim {

// Once the helper threads are there: takes signal 33 over from libc. On the thread that becomes main.
void setxid_init(bool is_main);

// Makes this system call on every kernel thread of ours but the caller's.
void setxid_all(long nr, long a, long b, long c) GS_REQUIRES(creds_lock);

// Makes a change: `by_libc` is libc's own call, which returns 0 or -1 and reaches libc's threads and the caller; the
// system call is the same for the others.
template <typename F>
int set_credentials(F by_libc, long nr, long a, long b = 0, long c = 0) {
  MLockGuard g(creds_lock);
  const int r = by_libc();
  if (r == 0) setxid_all(nr, a, b, c);
  return r;
}

}  // namespace goshim
