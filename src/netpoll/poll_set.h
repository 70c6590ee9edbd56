// A set of fds that one G waits for at once.
#pragma once

#include <stddef.h>

#include "netpoll/fd_table.h"
#include "netpoll/fd_wait.h"
#include "os/memory.h"

namespace goshim {

// One fd among several that a G waits for.
struct PollNode {
  FdWaiter waiter;
  FdEntry* e = nullptr;
  uint32_t gen = 0;
  int fd = -1;

  // Before the kernel is asked about fd.
  void snapshot();
  // 0; -EAGAIN: an edge came since the snapshot, ask again; kBlockM: fd cannot be watched.
  long enqueue(Ticket ticket);
  // Also if it is not enqueued.
  void dequeue();
};

// Nodes for n fds: in the object (on the caller's stack) when they are few, else mapped.
class PollSet {
 public:
  static constexpr size_t kInline = 12;

  explicit PollSet(size_t capacity);
  ~PollSet();
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;

  bool is_valid() const { return nodes_ != nullptr; }
  void add(int fd, uint16_t events);

  // Takes snapshots of all fds; to be followed by the question to the kernel.
  void snapshot();
  // Parks until one of the fds has had an edge since the snapshot. As fd_wait: 0, kBlockM, -EAGAIN
  // (deadline), -EINTR.
  long wait(WaitReason reason, int64_t deadline);

 private:
  void dequeue(size_t n);

  PollNode* nodes_;
  size_t count_ = 0;
  size_t capacity_;
  PollNode inline_[kInline];
};

}  // namespace goshim
