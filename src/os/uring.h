// An io_uring for polling fds: set up, arm, reap. liburing is used for the layout of the rings
// only; the system calls are ours.
//
// Arming and reaping may be done by several threads; the caller's lock protects each side.
#pragma once

#include <liburing.h>
#include <stdint.h>

namespace goshim::os {

struct Uring {
  io_uring ring;
};

// 0 or -errno. -EOPNOTSUPP: the kernel lacks what we need (multishot poll, timeouts in
// enter: 5.13).
int uring_setup(Uring& u, unsigned entries);
void uring_teardown(Uring& u);
inline int uring_fd(const Uring& u) { return u.ring.ring_fd; }
void uring_set_fd(Uring& u, int fd);

// Submits one request; 0 or -errno.
int uring_poll_multishot(Uring& u, int fd, uint32_t events, uint64_t data);
// Cancels the poll with `data`; its own completion has the data `own`.
int uring_poll_remove(Uring& u, uint64_t data, uint64_t own);

// Has the kernel put into the ring what it kept back when the ring was full.
void uring_flush(Uring& u);
inline bool uring_overflowed(const Uring& u) { return io_uring_cq_has_overflow(&u.ring); }

struct Completion {
  uint64_t data;
  int32_t res;
  bool more;  // the request goes on
};

// Takes up to n completions.
int uring_reap(Uring& u, Completion* out, int n);
inline bool uring_has_completions(const Uring& u) { return io_uring_cq_ready(&u.ring) != 0; }

}  // namespace goshim::os
