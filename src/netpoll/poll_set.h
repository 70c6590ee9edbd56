// A set of fds that one G waits for at once.
#pragma once

#include <stddef.h>

#include "netpoll/fd_table.h"
#include "netpoll/fd_wait.h"
#include "os/memory.h"

namespace goshim {

struct PollNode {
  FdWaiter waiter;
  FdEntry* e = nullptr;
  uint32_t gen = 0;
  int fd = -1;
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
  long enqueue(PollNode* node, Ticket ticket);
  void dequeue(size_t n);

  PollNode* nodes_;
  size_t count_ = 0;
  size_t capacity_;
  PollNode inline_[kInline];
};

}  // namespace goshim
