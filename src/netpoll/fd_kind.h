// Which way a call takes, by what the entry says.
#pragma once

#include <sys/socket.h>

#include "netpoll/fd_table.h"
#include "os/syscall.h"
#include "sched/job_control.h"
#include "sched/park.h"
#include "sched/syscall.h"

namespace goshim {

inline bool is_socket(FdKind k) { return k >= FdKind::kTcp && k <= FdKind::kSeqpacket; }
inline bool is_stream(FdKind k) { return k == FdKind::kTcp || k == FdKind::kStream; }

// True if calls on e may park: it is something that can wait, and the program has not asked for
// EAGAIN.
inline bool may_park(const FdEntry* e) {
  return e != nullptr && e->kind.load_relaxed() != FdKind::kFile && !e->has(FdEntry::kNonblock);
}

// Calls that SA_RESTART does not restart.
inline bool never_restarts(long nr) {
  return nr == SYS_ppoll || nr == SYS_pselect6 || nr == SYS_epoll_pwait || nr == SYS_epoll_pwait2;
}

// The system call itself, where it may block the M. After an interrupt it is made again, unless the
// program had a handler to run that ends it.
template <typename... A>
inline long block_m(long nr, A... args) {
  for (;;) {
    const long r = blocking([&] { return os::sys(nr, args...); });
    if (r != -EINTR || !on_goroutine()) return r;
    check_cancel();
    const Delivered d = act_on_signals();
    if (d == Delivered::kInterrupt || (d == Delivered::kRestart && never_restarts(nr))) return r;
  }
}

// The process's terminal, which another process group has now: a call of ours may be answered with a signal.
bool tty_in_background(int fd);
inline bool in_background(int fd, const FdEntry* e) {
  return GS_UNLIKELY(e != nullptr && e->has(FdEntry::kTty)) && tty_in_background(fd);
}
template <typename... A>
inline long background_m(long nr, A... args) {
  return with_job_control([&] { return block_m(nr, args...); });
}

// Asks a file that is no socket (or any, for vectors) without waiting. -EAGAIN: nothing yet.
long nowait_readv(int fd, FdEntry* e, const iovec* iov, int count);
long nowait_writev(int fd, FdEntry* e, const iovec* iov, int count);

// The entry told a wrong kind: asks again. False if that changes nothing.
bool fd_was_wrong(int fd);

}  // namespace goshim
