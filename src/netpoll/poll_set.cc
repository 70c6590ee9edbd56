#include "netpoll/poll_set.h"

#include <new>

#include "base/perturb.h"
#include "netpoll/netpoll.h"
#include "sched/signals.h"

namespace goshim {

PollSet::PollSet(size_t capacity) : nodes_(inline_), capacity_(capacity) {
  if (capacity <= kInline) return;
  nodes_ = static_cast<PollNode*>(os::map_pages(capacity * sizeof(PollNode)));
  if (nodes_ == nullptr) return;
  for (size_t i = 0; i < capacity; i++) new (&nodes_[i]) PollNode;
}

PollSet::~PollSet() {
  if (nodes_ != nullptr && nodes_ != inline_) os::unmap(nodes_, capacity_ * sizeof(PollNode));
}

void PollSet::add(int fd, uint16_t events) {
  PollNode* node = &nodes_[count_++];
  node->fd = fd;
  node->waiter.events = events;
}

void PollSet::snapshot() {
  for (size_t i = 0; i < count_; i++) {
    PollNode* node = &nodes_[i];
    node->e = fd_make(node->fd);
    if (node->e == nullptr) continue;
    node->gen = node->e->gen.load_relaxed();  // relaxed: compared under the lock
    node->waiter.seen = node->e->pd.snapshot_both();
  }
}

// 0, -EAGAIN (ask again), kBlockM.
long PollSet::enqueue(PollNode* node, Ticket ticket) {
  FdEntry* e = node->e;
  if (e == nullptr) return kBlockM;
  MLockGuard guard(e->pd.lock);
  if (e->gen.load_relaxed() != node->gen) return -EAGAIN;
  int r = netpoll_register_locked(node->fd, e);
  if (r == -EBADF) return -EAGAIN;
  if (r != 0) return kBlockM;
  node->waiter.ticket = ticket;
  return pd_enqueue_poller_locked(e->pd, &node->waiter) ? 0 : -EAGAIN;
}

void PollSet::dequeue(size_t n) {
  for (size_t i = 0; i < n; i++) pd_dequeue_poller(nodes_[i].e->pd, &nodes_[i].waiter);
}

long PollSet::wait(WaitReason reason, int64_t deadline) {
  if (count_ > 0 && !netpoll_ready()) return kBlockM;
  Ticket ticket = park_prepare();
  for (size_t i = 0; i < count_; i++) {
    GS_PERTURB("poll_set.enqueue");
    long r = enqueue(&nodes_[i], ticket);
    if (r == 0) continue;
    dequeue(i);
    Wake why = park_cancel(ticket);
    // An interruption that came meanwhile must not be lost.
    if (why == Wake::kCancel) check_cancel();
    if (why == Wake::kSignal && act_on_signals() != Delivered::kNothing) return -EINTR;
    return r == -EAGAIN ? 0 : r;
  }
  const uint64_t on = count_ == 0 ? 0 : count_ << 32 | static_cast<uint32_t>(nodes_[0].fd);
  Wake why = gopark(ticket, reason, deadline, on);
  dequeue(count_);
  switch (why) {
    case Wake::kTimeout:
      return -EAGAIN;
    case Wake::kSignal:
      return act_on_signals() == Delivered::kNothing ? 0 : -EINTR;
    case Wake::kCancel:
      check_cancel();
      return 0;
    default:
      return 0;
  }
}

}  // namespace goshim
