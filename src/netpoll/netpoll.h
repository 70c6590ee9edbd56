// Waiting for fds: the portable half of the poller.
//
// A particular backend must define (struct Backend):
//   holds_files a registration keeps the open file alive: del is called at every close
//   init        makes its kernel objects; 0 or -errno. Fds it keeps are close-on-exec and out of
//   the program's way. add         starts reporting edges of fd, both directions, as
//   netpoll_event(fd, gen, events); what is ready
//               already is reported at once. -EPERM/-ELOOP: this file cannot be polled. Under the
//               entry's lock.
//   rearm       like add for an fd that should be registered: verifies that it is, and has
//   readiness reported again. del         stops reporting; called for files that outlive the fd.
//   Under the entry's lock. poll, wake  as in sched/poller.h next_own    the smallest of the
//   backend's own fds that is >= fd, or -1 move        gives the number `fd` free for the program,
//   if it is the backend's; 0 or -errno after_fork_child  closes what is shared with the parent;
//   init follows at the next use
#pragma once

#include <stdint.h>

#include "netpoll/fd_table.h"
#include "sched/park.h"

namespace goshim {

struct Backend {
  const char* name;
  bool holds_files;
  int (*init)();
  int (*add)(int fd, uint32_t gen);
  int (*rearm)(int fd, uint32_t gen);
  void (*del)(int fd, uint32_t gen);
  void (*poll)(int64_t delay_ns, GList& out);
  void (*wake)();
  int (*next_own)(int fd);
  int (*move)(int fd);
  void (*after_fork_child)();
};

extern const Backend backend_epoll;
extern const Backend backend_uring;
int epoll_backend_fd();  // pollable: readable while backend_epoll has something to report

// The one in use; null until the first park on an fd.
const Backend* netpoll_backend();

// Makes the poller on first use. False: no poller can be had (no fds left), waits must block the M.
bool netpoll_ready();

// How many timers of its own it has in the heaps.
int netpoll_timers();

// For backends: an edge of (fd, gen) with the poll(2) bits `events`.
void netpoll_event(int fd, uint32_t gen, uint32_t events, GList& out);
// For backends: events with these data (fd in the low half) are about to be told. Each leads through three cold places,
// its entry, the G that waits, the node on that G's stack; what one event waits for in memory others can wait for too.
void netpoll_prefetch(const uint64_t* data, int n);

// For backends: a registration of (fd, gen) has ended by itself; the next wait makes it anew. Wakes
// the waiters.
void netpoll_lost(int fd, uint32_t gen, GList& out);

// For backends: moves an fd of ours out of the way of programs that expect low numbers. Returns the
// new number.
int netpoll_move_high(int fd);

// For backends: the smallest of a and b that is >= fd, or -1.
inline int netpoll_next_of(int fd, int a, int b) {
  int lo = a < b ? a : b;
  int hi = a < b ? b : a;
  return lo >= fd ? lo : hi >= fd ? hi : -1;
}

// Our own fds: closing one pretends EBADF; a program that wants the number gets it (netpoll_move).
int netpoll_next_own(int fd);
inline bool netpoll_owns(int fd) { return fd >= 0 && netpoll_next_own(fd) == fd; }
int netpoll_move(int fd);

// Registers fd if it is not, verifies it if the entry's birth was not seen. 0; -EPERM: cannot be
// polled; -errno.
int netpoll_register_locked(int fd, FdEntry* e) GS_REQUIRES(e->pd.lock);

// Forgets every registration and waiter; the child builds its own poller when it needs one.
void netpoll_after_fork_child();

}  // namespace goshim
