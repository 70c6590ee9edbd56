// Channels: Go's hchan, for elements of a fixed size that are copied as bytes.
//
// READ THIS before changing the order of anything in chan.cc or select.cc.
//
// A channel is a lock, a ring of `dataqsiz` elements and two FIFO queues of waiting threads, senders and receivers; at
// most one of the queues has waiters, except that a select may stand in both. Whoever finds a partner waiting copies the
// element straight to or from the partner's memory (direct hand-off): no element passes through the ring twice.
//
// Who waits is a sudog on the waiting thread's stack (a select's lie in its cases). It is linked and unlinked under
// the channel's lock. Who wins it:
//
//   - A plain operation waits on one channel. Whoever takes its sudog off the queue has won: the lock decides.
//   - A select waits on several, under several locks. After taking its sudog off a queue the waker must also win
//     Selection::done by a CAS from 0 to 1; if it fails, another case has happened and the next waiter is looked at.
//   - A timeout, a signal handler and an fd of a select do not win anything. They wake the thread, and it tries to get
//     out by itself: under the lock, if its sudog is still linked (a select: CAS done from 0 to 2). If that fails the
//     operation has happened.
//
//     a waker, e.g. chansend                               the waiter, e.g. chanrecv
//                                                            lock; nobody sends, nothing is there
//                                                            link sudog {ticket, where to}; unlock
//       lock                                                 gopark(ticket)
//       take a sudog off the queue (a select's: win done)
//       copy the element to where it wants it; success
//       ticket = sudog's; unlock                             timed out: lock; still linked ? unlink, give up
//       wake(ticket)            ---- [park.woken] ---->                 : it has happened; unlock
//                                                            woken: returns what `success` says
//
// The copy is made before the waiter can learn of it, and it is the winner of the sudog, not the winner of the ticket,
// who copies: the ticket is only the alarm bell. The rejected order - claim the ticket, then copy - is wrong: a claim
// that finds the waiter armed (Claim::kArmed) lets it return from its operation, with its frame gone, while we still
// write into it. Copying before a claim that can be lost is wrong too: the loser's variable would have been written
// by an operation that did not happen, which a select or a timed receive must not do.
//
// The ticket is claimed after the unlock, and the unlock is the last touch of the channel: the partner may free it as
// soon as it returns. After the unlock the sudog may be gone, hence the copy of the ticket; a ticket of a wait that is
// over does nothing (ADR "one park word"). close() wakes many and claims under the lock; its waiters therefore pass
// through the lock once before they return.
//
// Orders: [chan.refs] each owner's last use is released by its decrement -> the last one acquires them all and frees.
//
// Locks: hchan::lock (kChan), several of them in address order (select). Nothing is taken under it but a PollDesc's.
// No program code runs under it, and nobody parks.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/annotations.h"
#include "base/atomic.h"
#include "base/check.h"
#include "base/list.h"
#include "base/mlock.h"
#include "base/perturb.h"
#include "sched/park.h"

namespace goshim::chan {

struct hchan;

// What the sudogs of one select share.
struct Selection {
  // 0 nobody has chosen; 1 a waker has taken one of its sudogs; 2 the select goes on by itself. [chan.select]
  Atomic<uint32_t> done;
  struct sudog* chosen = nullptr;  // written by the waker, under the lock of its channel
};

struct sudog {
  // Constant while linked.
  Ticket ticket = {};
  void* elem = nullptr;         // send: read from here; receive: written to, may be null
  Selection* select = nullptr;  // null for a plain operation
  // Guarded by the channel's lock.
  ListLink<sudog> link;
  bool linked = false;
  bool success =
      false;  // written by the waker: an element has passed; false: the channel was closed
};

struct waitq {
  IntrusiveList<sudog, &sudog::link> list;

  bool is_empty() const { return list.is_empty(); }
  void enqueue(sudog* sg) {
    list.push_back(sg);
    sg->linked = true;
  }
  void remove(sudog* sg) {
    list.erase(sg);
    sg->linked = false;
  }
  // The first waiter that is won, off the queue; nullptr if none.
  sudog* dequeue() {
    while (sudog* sg = list.pop_front()) {
      sg->linked = false;
      if (GS_LIKELY(sg->select == nullptr)) return sg;
      uint32_t open = 0;
      if (!sg->select->done.cas_acq_rel(open, 1)) continue;  // [chan.select]
      sg->select->chosen = sg;
      return sg;
    }
    return nullptr;
  }
};

struct hchan {
  hchan(uint32_t size, uint32_t n, void (*d)(void*)) : elemsize(size), dataqsiz(n), drop(d) {}

  // Written under the lock; read without it as a hint.
  MLock lock{LockRank::kChan};
  Atomic<uint32_t> closed;
  Atomic<uint32_t> qcount;  // elements in the ring
  // Constant.
  const uint32_t elemsize;
  const uint32_t dataqsiz;
  void (*const drop)(
      void*);  // for what is still in the ring when the channel is freed; may be null
  // Guarded by lock.
  uint32_t sendx GS_GUARDED_BY(lock) = 0;
  uint32_t recvx GS_GUARDED_BY(lock) = 0;
  waitq recvq GS_GUARDED_BY(lock);
  waitq sendq GS_GUARDED_BY(lock);
  // Who may still use it; the last one frees it.
  Atomic<uint32_t> refs{1};

  char* slot(uint32_t i) { return reinterpret_cast<char*>(this + 1) + size_t{i} * elemsize; }
};

// As goshim_recv() and the like return it.
enum class Op : int {
  kWouldBlock = -1,  // not now, or not before the deadline
  kClosed = 0,       // receive: closed and empty, *elem is zeroed
  kDone = 1,         // sent, or received
};

// deadline: kNow (do not wait), kNever, or a nanotime().
constexpr int64_t kNow = 0;

// nullptr: no memory, or sizes beyond all reason.
hchan* makechan(size_t elemsize, size_t n, void (*drop)(void*) = nullptr);
void chan_ref(hchan* c);
void chan_unref(hchan* c);

// A null channel blocks for ever, as Go's nil channel. Sending on a closed one is a panic.
Op chansend(hchan* c, const void* elem, int64_t deadline = kNever);
// elem may be null: the element is dropped.
Op chanrecv(hchan* c, void* elem, int64_t deadline = kNever);
void closechan(hchan* c);

inline size_t chanlen(const hchan* c) { return c != nullptr ? c->qcount.load_relaxed() : 0; }
inline size_t chancap(const hchan* c) { return c != nullptr ? c->dataqsiz : 0; }

// ---- what send and receive share with select -------------------------------------------------------------------

// The operation, if it can be done at once; the lock stays held. *partner is set to the ticket of a waiter whose
// operation was done with it, to be woken after the unlock.
bool send_locked(hchan* c, const void* elem, Ticket* partner) GS_REQUIRES(c->lock);
bool recv_locked(hchan* c, void* elem, Op* result, Ticket* partner) GS_REQUIRES(c->lock);

inline void wake_partner(Ticket partner) {
  if (partner.gp == nullptr) return;
  GS_PERTURB("chan.before_wake");
  wake(partner, Wake::kUnparked);
}

// What a receive from a closed channel gives.
void chan_clear(const hchan* c, void* elem);

// Opens a wait of the calling thread, which may be the first of the process (then the runtime is started).
Ticket chan_park_prepare();

// Plugged in by the library.
struct Ops {
  // Starts the runtime; false if threads stay kernel threads.
  bool (*start)() = nullptr;
  // Then this makes one, detached, that runs fn and says kernel_thread_ended(). 0 or an error number.
  int (*kernel_thread)(void (*fn)(void*), void* arg, size_t stack_size) = nullptr;
};
extern Ops ops;

}  // namespace goshim::chan
