#include "os/uring.h"

#include <string.h>

#include "os/syscall.h"

namespace goshim::os {

int uring_setup(Uring& u, unsigned entries) {
  io_uring_params p;
  memset(&p, 0, sizeof p);
  p.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  p.cq_entries = entries * 16;
  int r = io_uring_queue_init_params(entries, &u.ring, &p);
  if (r < 0) return r;
  constexpr unsigned kNeeded = IORING_FEAT_NODROP | IORING_FEAT_RSRC_TAGS;
  if ((p.features & kNeeded) == kNeeded) return 0;
  io_uring_queue_exit(&u.ring);
  return -EOPNOTSUPP;
}

void uring_teardown(Uring& u) { io_uring_queue_exit(&u.ring); }

void uring_set_fd(Uring& u, int fd) { u.ring.ring_fd = u.ring.enter_ring_fd = fd; }

namespace {

int submit(Uring& u) {
  unsigned tail = u.ring.sq.sqe_tail;
  unsigned head = u.ring.sq.sqe_head;
  // The kernel reads the array of indices up to the tail; entry i of the array names submission
  // entry i.
  unsigned ktail = *u.ring.sq.ktail;
  for (; head != tail; head++, ktail++)
    u.ring.sq.array[ktail & u.ring.sq.ring_mask] = head & u.ring.sq.ring_mask;
  u.ring.sq.sqe_head = head;
  io_uring_smp_store_release(u.ring.sq.ktail, ktail);
  long r;
  do {
    unsigned count = ktail - io_uring_smp_load_acquire(u.ring.sq.khead);
    r = sys(SYS_io_uring_enter, uring_fd(u), count, 0, 0, nullptr, 0);
    if (r == -EBUSY) uring_flush(u);
  } while (r == -EINTR || r == -EAGAIN || r == -EBUSY);
  return r < 0 ? static_cast<int>(r) : 0;
}

}  // namespace

int uring_poll_multishot(Uring& u, int fd, uint32_t events, uint64_t data) {
  io_uring_sqe* sqe = io_uring_get_sqe(&u.ring);
  if (sqe == nullptr) return -EBUSY;
  io_uring_prep_poll_multishot(sqe, fd, events);
  sqe->user_data = data;
  return submit(u);
}

int uring_poll_remove(Uring& u, uint64_t data, uint64_t own) {
  io_uring_sqe* sqe = io_uring_get_sqe(&u.ring);
  if (sqe == nullptr) return -EBUSY;
  io_uring_prep_poll_remove(sqe, data);
  sqe->user_data = own;
  return submit(u);
}

void uring_flush(Uring& u) {
  sys(SYS_io_uring_enter, uring_fd(u), 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0);
}

int uring_reap(Uring& u, Completion* out, int n) {
  int got = 0;
  unsigned head;
  io_uring_cqe* cqe;
  io_uring_for_each_cqe(&u.ring, head, cqe) {
    if (got == n) break;
    out[got++] = {cqe->user_data, cqe->res, (cqe->flags & IORING_CQE_F_MORE) != 0};
  }
  io_uring_cq_advance(&u.ring, static_cast<unsigned>(got));
  return got;
}

}  // namespace goshim::os
