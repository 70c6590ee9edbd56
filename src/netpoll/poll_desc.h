// PollDesc: who waits for one fd, and what has happened to it.
//
// Two directions, reading and writing. Each has an edge counter and a list of exclusive waiters
// (callers of read, accept, send: one of them can use what an edge announces). One more list,
// `pollers`, has the waiters of poll and select, which only look and so are all woken.
//
// Go keeps a flag (pdReady) where we count edges. A waiter takes a snapshot of the counter *before*
// it asks the kernel, and parks only if the counter still stands there:
//
//   reader                                       poller
//     seen = edges                                 kernel: data arrived (before the event was
//     reported) recv() -> EAGAIN                             lock; edges += 1; wake one waiter;
//     unlock lock; edges == seen ? enqueue : retry
//
// Data that came before the snapshot is seen by recv; an edge counted after it makes the reader
// retry or finds it enqueued. That holds for any number of readers, and a snapshot can be kept: "at
// edge 7 the queue was found empty" lets the next read park without asking (fd_io.cc, drained_at).
// A flag can do neither: one reader's retry would consume the other's wake-up.
//
// The waiter's node is on its stack. A waker unlinks it under the lock and claims its ticket before
// it unlocks; so a node that a claim ended (kUnparked, kClosed) is unlinked already, and one that
// ended otherwise unlinks itself. Until then its G begins no other episode: the park word of a lone
// reader is its ticket, and the node, on a stack gone cold, need not be read.
//
// Orders: [poll.edge] pd_event releases the counter after the kernel's event -> a snapshot acquires
// it before the system call that asks the kernel.
#pragma once

#include <stdint.h>

#include "base/list.h"
#include "base/mlock.h"
#include "sched/park.h"

namespace goshim {

enum Dir : uint8_t { kRead = 0, kWrite = 1 };

// One waiting call (or, for poll and select, one fd of it).
struct FdWaiter {
  ListLink<FdWaiter> link;
  Ticket ticket = {};
  // Guarded by the PollDesc's lock. Without meaning once a claim has ended the wait.
  bool linked = false;
  // Written by the waker before its claim, read by the waiter after it: other exclusive waiters are
  // left.
  bool others_wait = false;
  // pollers: which poll(2) events it wants to hear of.
  uint16_t events = 0;
  uint32_t seen = 0;
};

using FdWaiterList = IntrusiveList<FdWaiter, &FdWaiter::link>;

struct PollDesc {
  MLock lock{LockRank::kPollDesc};
  // Registered with the backend, in this life of the fd.
  bool registered GS_GUARDED_BY(lock) = false;
  // Sweeps (netpoll.cc) that have seen the present waiters; 0 after each park.
  uint8_t sweeps GS_GUARDED_BY(lock) = 0;
  Atomic<uint32_t> edges[2];  // [poll.edge]
  FdWaiterList waiters[2] GS_GUARDED_BY(lock);
  // The G whose node is the only one in waiters[kRead], or null: not known. Written under the lock.
  Atomic<G*> lone_reader;
  FdWaiterList pollers GS_GUARDED_BY(lock);

  uint32_t snapshot(Dir dir) const { return edges[dir].load_acquire(); }  // [poll.edge]
  // Of both directions; changes whenever one of them does.
  uint32_t snapshot_both() const { return snapshot(kRead) + snapshot(kWrite); }
};

// What happened, in the poll(2) bits that epoll shares (POLLIN, POLLRDHUP, ...): counts the edges
// and wakes. Claimed Gs that sleep go to `out`.
void pd_event_locked(PollDesc& pd, uint32_t events, GList& out) GS_REQUIRES(pd.lock);

// Ends all waits with `why` (kClosed) and counts an edge in both directions.
void pd_wake_all_locked(PollDesc& pd, Wake why, GList& out) GS_REQUIRES(pd.lock);

// A reader that was woken alone has done its call while others wait: lets the next one try.
void pd_pass_on(PollDesc& pd, Dir dir);

// Enqueues w as an exclusive waiter, or refuses because an edge came after w->seen.
bool pd_enqueue_locked(PollDesc& pd, Dir dir, FdWaiter* w) GS_REQUIRES(pd.lock);
bool pd_enqueue_poller_locked(PollDesc& pd, FdWaiter* w) GS_REQUIRES(pd.lock);

void pd_dequeue(PollDesc& pd, Dir dir, FdWaiter* w);
void pd_dequeue_poller(PollDesc& pd, FdWaiter* w);

}  // namespace goshim
