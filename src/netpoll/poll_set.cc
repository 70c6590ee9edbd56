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

void PollNode::snapshot() {
  e = fd_make(fd);
  if (e == nullptr) return;
  gen = e->gen.load_relaxed();  // relaxed: compared under the lock
  waiter.seen = e->pd.snapshot_both();
}

long PollNode::enqueue(Ticket ticket) {
  if (e == nullptr) return kBlockM;
  MLockGuard guard(e->pd.lock);
  if (e->gen.load_relaxed() != gen) return -EAGAIN;
  int r = netpoll_register_locked(fd, e);
  if (r == -EBADF) return -EAGAIN;
  if (r != 0) return kBlockM;
  waiter.ticket = ticket;
  return pd_enqueue_poller_locked(e->pd, &waiter) ? 0 : -EAGAIN;
}

void PollNode::dequeue() {
  if (e != nullptr) pd_dequeue_poller(e->pd, &waiter);
}

void PollSet::snapshot() {
  for (size_t i = 0; i < count_; i++) nodes_[i].snapshot();
}

void PollSet::dequeue(size_t n) {
  for (size_t i = 0; i < n; i++) nodes_[i].dequeue();
}

long PollSet::wait(WaitReason reason, int64_t deadline) {
  if (count_ > 0 && !netpoll_ready()) return kBlockM;
  Ticket ticket = park_prepare();
  for (size_t i = 0; i < count_; i++) {
    GS_PERTURB("poll_set.enqueue");
    long r = nodes_[i].enqueue(ticket);
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
