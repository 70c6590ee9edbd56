// makechan, chansend, chanrecv, closechan. The protocol is drawn in hchan.h.
#include <string.h>

#include <new>

#include "base/perturb.h"
#include "chan/alloc.h"
#include "chan/hchan.h"
#include "chan/panic.h"
#include "sched/signals.h"
#include "sched/tls.h"

namespace goshim::chan {

constinit Ops ops = {};

namespace {

constexpr size_t kMaxElem = 64 << 10;  // as Go's compiler
constexpr size_t kMaxBytes = size_t{1} << 40;

size_t chan_bytes(size_t elemsize, size_t n) { return sizeof(hchan) + elemsize * n; }

// Most elements are words, and a call to memcpy for eight bytes costs more than they do.
[[gnu::always_inline]] inline void copy(void* to, const void* from, uint32_t size) {
  if (size == 8) {
    memcpy(to, from, 8);
  } else if (size == 4) {
    memcpy(to, from, 4);
  } else if (size != 0) {
    memcpy(to, from, size);
  }
}

uint32_t after(const hchan* c, uint32_t i) { return i + 1 == c->dataqsiz ? 0 : i + 1; }

void count(hchan* c, uint32_t d) GS_REQUIRES(c->lock) {
  c->qcount.store_relaxed(c->qcount.load_relaxed() + d);  // relaxed: written under the lock
}

void put(hchan* c, const void* elem) GS_REQUIRES(c->lock) {
  copy(c->slot(c->sendx), elem, c->elemsize);
  c->sendx = after(c, c->sendx);
  count(c, 1);
}

void take(hchan* c, void* elem) GS_REQUIRES(c->lock) {
  if (elem != nullptr) copy(elem, c->slot(c->recvx), c->elemsize);
  c->recvx = after(c, c->recvx);
  count(c, UINT32_MAX);
}

// The wait for sg in q, after the lock was dropped.
enum class Waited : uint8_t { kChosen, kTimeout, kAgain };

[[gnu::always_inline]] inline Waited wait(hchan* c, waitq& q, sudog* sg, WaitReason reason,
                                          int64_t deadline) GS_NO_TSA {
  const Wake why = gopark(sg->ticket, reason, deadline, reinterpret_cast<uint64_t>(c));
  if (GS_LIKELY(why == Wake::kUnparked && sg->success)) return Waited::kChosen;
  GS_PERTURB("chan.not_chosen");
  c->lock.lock();
  const bool chosen = !sg->linked;
  if (!chosen) q.remove(sg);
  c->lock.unlock();
  // Handlers are program code and may not come back: nothing of ours is linked now.
  if (why == Wake::kSignal) act_on_signals();
  if (chosen) return Waited::kChosen;
  return why == Wake::kTimeout ? Waited::kTimeout : Waited::kAgain;
}

// A nil channel.
Op block_for_ever(WaitReason reason, int64_t deadline) {
  if (deadline == kNow) return Op::kWouldBlock;
  for (;;) {
    const Wake why = gopark(chan_park_prepare(), reason, deadline);
    if (why == Wake::kSignal) act_on_signals();
    if (why == Wake::kTimeout) return Op::kWouldBlock;
  }
}

}  // namespace

void chan_clear(const hchan* c, void* elem) {
  if (elem != nullptr && c->elemsize != 0) memset(elem, 0, c->elemsize);
}

Ticket chan_park_prepare() {
  if (GS_UNLIKELY(getg() == nullptr) && ops.start != nullptr) ops.start();
  return park_prepare();
}

hchan* makechan(size_t elemsize, size_t n, void (*drop)(void*)) {
  if (elemsize >= kMaxElem || n > UINT32_MAX - 1 || elemsize * n > kMaxBytes) return nullptr;
  void* mem = alloc(chan_bytes(elemsize, n));
  if (mem == nullptr) return nullptr;
  return new (mem) hchan(static_cast<uint32_t>(elemsize), static_cast<uint32_t>(n), drop);
}

void chan_ref(hchan* c) {
  if (c != nullptr) c->refs.fetch_add_relaxed(1);
}

void chan_unref(hchan* c) GS_NO_TSA {
  if (c == nullptr || c->refs.fetch_sub_acq_rel(1) != 1) return;  // [chan.refs]
  GS_CHECK(c->recvq.is_empty() && c->sendq.is_empty(),
           "chan_unref: the last reference is dropped while somebody waits on the channel");
  if (c->drop != nullptr) {
    for (uint32_t i = c->qcount.load_relaxed(); i > 0; i--) {
      c->drop(c->slot(c->recvx));
      c->recvx = after(c, c->recvx);
    }
  }
  const size_t bytes = chan_bytes(c->elemsize, c->dataqsiz);
  c->~hchan();
  release(c, bytes);
}

bool send_locked(hchan* c, const void* elem, Ticket* partner) {
  if (sudog* sg = c->recvq.dequeue(); sg != nullptr) {
    if (sg->elem != nullptr) copy(sg->elem, elem, c->elemsize);
    sg->success = true;
    *partner = sg->ticket;
    return true;
  }
  if (c->qcount.load_relaxed() == c->dataqsiz) return false;  // relaxed: under the lock
  put(c, elem);
  return true;
}

bool recv_locked(hchan* c, void* elem, Op* result, Ticket* partner) {
  *result = Op::kDone;
  if (c->qcount.load_relaxed() > 0) {  // relaxed: under the lock
    take(c, elem);
    // A sender that waits for room: its element goes to the end of the ring.
    sudog* sg = c->sendq.dequeue();
    if (sg == nullptr) return true;
    put(c, sg->elem);
    sg->success = true;
    *partner = sg->ticket;
    return true;
  }
  if (c->closed.load_relaxed() != 0) {  // relaxed: under the lock
    chan_clear(c, elem);
    *result = Op::kClosed;
    return true;
  }
  sudog* sg = c->sendq.dequeue();
  if (sg == nullptr) return false;
  if (elem != nullptr) copy(elem, sg->elem, c->elemsize);
  sg->success = true;
  *partner = sg->ticket;
  return true;
}

namespace {

// False: nothing to be done at once, and the lock stays held.
[[gnu::always_inline]] inline bool send_now(hchan* c, const void* elem) GS_NO_TSA {
  c->lock.lock();
  if (GS_UNLIKELY(c->closed.load_relaxed() != 0)) {  // relaxed: under the lock
    c->lock.unlock();
    gopanic("send on closed channel");
  }
  Ticket partner = {};
  if (!send_locked(c, elem, &partner)) return false;
  c->lock.unlock();
  wake_partner(partner);
  return true;
}

[[gnu::always_inline]] inline bool recv_now(hchan* c, void* elem, Op* result) GS_NO_TSA {
  c->lock.lock();
  Ticket partner = {};
  if (!recv_locked(c, elem, result, &partner)) return false;
  c->lock.unlock();
  wake_partner(partner);
  return true;
}

// Entered with the lock held and nothing to be done at once.
GS_NOINLINE Op send_slow(hchan* c, const void* elem, int64_t deadline) GS_NO_TSA {
  do {
    sudog sg;
    sg.ticket = chan_park_prepare();
    sg.elem = const_cast<void*>(elem);
    c->sendq.enqueue(&sg);
    c->lock.unlock();
    GS_PERTURB("chan.queued");
    const Waited end = wait(c, c->sendq, &sg, WaitReason::kChanSend, deadline);
    if (end == Waited::kTimeout) return Op::kWouldBlock;
    if (end == Waited::kChosen) {
      if (GS_UNLIKELY(!sg.success)) gopanic("send on closed channel");
      return Op::kDone;
    }
  } while (!send_now(c, elem));
  return Op::kDone;
}

GS_NOINLINE Op recv_slow(hchan* c, void* elem, int64_t deadline) GS_NO_TSA {
  Op result;
  do {
    sudog sg;
    sg.ticket = chan_park_prepare();
    sg.elem = elem;
    c->recvq.enqueue(&sg);
    c->lock.unlock();
    GS_PERTURB("chan.queued");
    const Waited end = wait(c, c->recvq, &sg, WaitReason::kChanReceive, deadline);
    if (end == Waited::kTimeout) return Op::kWouldBlock;
    if (end == Waited::kChosen) {
      if (sg.success) return Op::kDone;
      chan_clear(c, elem);
      return Op::kClosed;
    }
  } while (!recv_now(c, elem, &result));
  return result;
}

}  // namespace

// These two end in a jump to what waits. A parked thread's stack is cold when it is woken, and each frame of ours on it is
// a line to wait for and a return that the CPU predicts wrong.
Op chansend(hchan* c, const void* elem, int64_t deadline) GS_NO_TSA {
  if (GS_UNLIKELY(c == nullptr)) return block_for_ever(WaitReason::kChanSendNil, deadline);
  if (send_now(c, elem)) return Op::kDone;
  if (deadline == kNow) {
    c->lock.unlock();
    return Op::kWouldBlock;
  }
  return send_slow(c, elem, deadline);
}

Op chanrecv(hchan* c, void* elem, int64_t deadline) GS_NO_TSA {
  if (GS_UNLIKELY(c == nullptr)) return block_for_ever(WaitReason::kChanReceiveNil, deadline);
  {
    Op result;
    if (recv_now(c, elem, &result)) return result;
  }
  if (deadline == kNow) {
    c->lock.unlock();
    return Op::kWouldBlock;
  }
  return recv_slow(c, elem, deadline);
}

void closechan(hchan* c) GS_NO_TSA {
  if (c == nullptr) gopanic("close of nil channel");
  c->lock.lock();
  if (c->closed.load_relaxed() != 0) {  // relaxed: under the lock
    c->lock.unlock();
    gopanic("close of closed channel");
  }
  c->closed.store_relaxed(1);  // relaxed: written under the lock
  GList ready;
  for (waitq* q : {&c->recvq, &c->sendq}) {
    while (sudog* sg = q->dequeue()) {
      sg->success = false;
      // Under the lock: the waiter passes through it before it returns, and its sudog is good until then.
      const Ticket t = sg->ticket;
      if (claim(t, Wake::kUnparked) == Claim::kParked) ready.push_back(t.gp);
    }
  }
  c->lock.unlock();
  GS_PERTURB("closechan.before_ready");
  goready_all(ready);
}

}  // namespace goshim::chan
