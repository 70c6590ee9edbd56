// selectgo, after Go's: look at the cases in random order with all channels locked; if none can go on, put a sudog on
// each channel, park, take the others off again. The locks are taken in the order of their addresses.
//
// Before that the cases are looked at without a lock, in the same order, and one that seems ready is tried with only its
// own channel locked: mostly that is all. "None is ready" is said with all of them locked only, at one moment: a token that
// is always in one of two channels is never in neither.
//
// Fds take part without a lock of ours: the kernel is asked before the channels are, and a waiter is registered with
// each fd for the time of the park. An edge only ends the park; what it meant is found by asking again. Should a channel
// case have been chosen meanwhile (Selection::done), that one counts.
//
// Orders: [chan.select] the winner's CAS on done releases -> the select's own CAS, and a losing waker's, acquires it.
#include "chan/select.h"

#include <utility>

#include "arch/amd64/cycles.h"
#include "base/perturb.h"
#include "base/rand.h"
#include "chan/panic.h"
#include "os/clock.h"
#include "sched/signals.h"

namespace goshim::chan {

namespace {

// An fd that the poller cannot watch, or no poller at all: look again so often.
constexpr int64_t kBlindPoll = 1000000;

struct Cases {
  Case* v;
  uint32_t n;      // all
  uint32_t nchan;  // entries of pollorder and lockorder: those with a channel
  bool has_fd;
  bool channels_first;  // a coin, for a select with fds

  Case& polled(uint32_t i) const { return v[v[i].pollorder]; }
  Case& locked(uint32_t i) const { return v[v[i].lockorder]; }
};

// A random order of the channel cases (Fisher and Yates, inside out).
void order_randomly(Cases& s) {
  Rand r;
  r.s ^= static_cast<uint64_t>(cycles()) * 0x9e3779b97f4a7c15u | 1;
  s.channels_first = (r.next() & 1) != 0;
  for (uint32_t i = 0; i < s.n; i++) {
    if (s.v[i].is_fd()) s.has_fd = true;
    if (!s.v[i].is_chan()) continue;
    const uint32_t j = s.nchan == 0 ? 0 : r.below(s.nchan + 1);
    s.v[s.nchan].pollorder = s.v[j].pollorder;
    s.v[j].pollorder = static_cast<uint16_t>(i);
    s.nchan++;
  }
}

// A hint, without the lock.
GS_NO_TSAN bool looks_ready(const Case& k) GS_NO_TSA {
  const hchan* c = k.c;
  // relaxed: hints
  if (k.op == CaseOp::kRecv && c->qcount.load_relaxed() > 0) return true;
  if (k.op == CaseOp::kSend && c->qcount.load_relaxed() < c->dataqsiz) return true;
  if (c->closed.load_relaxed() != 0) return true;
  return (k.op == CaseOp::kRecv ? c->sendq : c->recvq).list.front_hint() != nullptr;
}

uintptr_t lock_key(const Cases& s, uint32_t i) { return reinterpret_cast<uintptr_t>(s.v[i].c); }

void sift(Cases& s, uint32_t root, uint32_t len) {
  const uint16_t moved = s.v[root].lockorder;
  for (uint32_t child = 2 * root + 1; child < len; child = 2 * root + 1) {
    if (child + 1 < len &&
        lock_key(s, s.v[child].lockorder) < lock_key(s, s.v[child + 1].lockorder))
      child++;
    if (lock_key(s, moved) >= lock_key(s, s.v[child].lockorder)) break;
    s.v[root].lockorder = s.v[child].lockorder;
    root = child;
  }
  s.v[root].lockorder = moved;
}

// By address: a heap sort, which needs no memory and no more than n log n.
void order_by_address(Cases& s) {
  for (uint32_t i = 0; i < s.nchan; i++) s.v[i].lockorder = s.v[i].pollorder;
  if (s.nchan == 2) {  // most have no more
    if (lock_key(s, s.v[0].lockorder) > lock_key(s, s.v[1].lockorder))
      std::swap(s.v[0].lockorder, s.v[1].lockorder);
    return;
  }
  for (uint32_t i = s.nchan / 2; i-- > 0;) sift(s, i, s.nchan);
  for (uint32_t end = s.nchan; end-- > 1;) {
    const uint16_t largest = s.v[0].lockorder;
    s.v[0].lockorder = s.v[end].lockorder;
    s.v[end].lockorder = largest;
    sift(s, 0, end);
  }
}

void sellock(const Cases& s) GS_NO_TSA {
  hchan* last = nullptr;
  for (uint32_t i = 0; i < s.nchan; i++) {
    hchan* c = s.locked(i).c;
    if (c != last) c->lock.lock();
    last = c;
  }
}

// After its unlock a channel may be gone: whether the next is the same one is asked before.
void selunlock(const Cases& s) GS_NO_TSA {
  for (uint32_t i = s.nchan; i-- > 0;) {
    hchan* c = s.locked(i).c;
    const bool again = i > 0 && s.locked(i - 1).c == c;
    if (!again) c->lock.unlock();
  }
}

enum class Tried : uint8_t { kNot, kDone, kPanics };

// Does k if it can be done. Its channel is locked, and nothing is waited for or called before it is unlocked.
Tried try_case(Case& k, Ticket* partner) GS_NO_TSA {
  if (k.op == CaseOp::kRecv) {
    Op result;
    if (!recv_locked(k.c, k.elem, &result, partner)) return Tried::kNot;
    k.ok = result == Op::kDone;
    return Tried::kDone;
  }
  if (GS_UNLIKELY(k.c->closed.load_relaxed() != 0))
    return Tried::kPanics;  // relaxed: under the lock
  return send_locked(k.c, k.elem, partner) ? Tried::kDone : Tried::kNot;
}

int tried(const Cases& s, const Case& k, Tried how, Ticket partner) {
  if (GS_UNLIKELY(how == Tried::kPanics)) gopanic("send on closed channel");
  wake_partner(partner);
  return static_cast<int>(&k - s.v);
}

// Those that look ready, each with its own lock.
int try_ready_ones(const Cases& s) GS_NO_TSA {
  for (uint32_t i = 0; i < s.nchan; i++) {
    Case& k = s.polled(i);
    if (!looks_ready(k)) continue;
    Ticket partner = {};
    k.c->lock.lock();
    const Tried how = try_case(k, &partner);
    k.c->lock.unlock();
    if (how != Tried::kNot) return tried(s, k, how, partner);
  }
  return kNoCase;
}

// One pass over the cases in random order. Entered with all channels locked; left so only with kNoCase.
int try_cases(const Cases& s) {
  for (uint32_t i = 0; i < s.nchan; i++) {
    Case& k = s.polled(i);
    Ticket partner = {};
    const Tried how = try_case(k, &partner);
    if (how == Tried::kNot) continue;
    selunlock(s);
    return tried(s, k, how, partner);
  }
  return kNoCase;
}

waitq& queue_of(const Case& k) GS_NO_TSA { return k.op == CaseOp::kSend ? k.c->sendq : k.c->recvq; }

void enqueue(const Cases& s, Selection* selection, Ticket t) {
  for (uint32_t i = 0; i < s.nchan; i++) {
    Case& k = s.locked(i);
    new (&k.sg) sudog();
    k.sg.ticket = t;
    k.sg.elem = k.elem;
    k.sg.select = selection;
    queue_of(k).enqueue(&k.sg);
  }
}

// One after the other: a waker that meets one of them later does not win it, whether it is still there or not. `not_of` is a
// case whose waker has nothing to do with it any more.
void dequeue(const Cases& s, const sudog* not_of) GS_NO_TSA {
  for (uint32_t i = 0; i < s.nchan; i++) {
    Case& k = s.locked(i);
    if (&k.sg == not_of) continue;
    k.c->lock.lock();
    if (k.sg.linked) queue_of(k).remove(&k.sg);
    k.c->lock.unlock();
  }
}

// The case whose sudog a waker took; its operation has happened.
int chosen(const Cases& s, const Selection& selection) {
  for (uint32_t i = 0; i < s.nchan; i++) {
    Case& k = s.locked(i);
    if (&k.sg != selection.chosen) continue;
    if (k.op == CaseOp::kSend && !k.sg.success) gopanic("send on closed channel");
    if (k.op == CaseOp::kRecv) {
      k.ok = k.sg.success;
      if (!k.sg.success) chan_clear(k.c, k.elem);
    }
    return static_cast<int>(&k - s.v);
  }
  fatal("selectgo: a case was chosen that is none");
}

WaitReason reason_of(const Cases& s) {
  if (s.has_fd) return WaitReason::kSelectFds;
  return s.n == 0 ? WaitReason::kSelectNoCases : WaitReason::kSelectCases;
}

// Waits until a case has been chosen, or something else has ended the wait. Entered with all channels locked.
int park(const Cases& s, int64_t deadline, Wake* why) {
  Selection selection;
  const Ticket t = chan_park_prepare();
  enqueue(s, &selection, t);
  selunlock(s);
  GS_PERTURB("select.queued");
  bool blind = false;
  if (s.has_fd && !fds_enqueue(s.v, static_cast<int>(s.n), t, &blind)) {
    *why = park_cancel(t);
  } else {
    int64_t until = deadline;
    if (blind && until > os::nanotime() + kBlindPoll) until = os::nanotime() + kBlindPoll;
    *why = gopark(t, reason_of(s), until);
  }
  if (s.has_fd) fds_dequeue(s.v, static_cast<int>(s.n));
  GS_PERTURB("select.woken");
  uint32_t open = 0;
  const bool lost = !selection.done.cas_acq_rel(open, 2);  // [chan.select]
  // Who has sent or received with us wakes us after the unlock. A close does before, and then we pass through its lock.
  const bool by_partner = lost && !s.has_fd && *why == Wake::kUnparked && selection.chosen->success;
  dequeue(s, by_partner ? selection.chosen : nullptr);
  if (*why == Wake::kSignal) act_on_signals();
  return lost ? chosen(s, selection) : kNoCase;
}

}  // namespace

int selectgo(Case* cases, int n, int64_t deadline) {
  Cases s = {cases, static_cast<uint32_t>(n), 0, false, false};
  order_randomly(s);
  bool ordered = false;
  for (;;) {
    int done = kNoCase;
    if (s.has_fd) {
      if (s.channels_first) done = try_ready_ones(s);
      if (done == kNoCase) done = fds_ready(cases, n);
      if (done != kNoCase) return done;
    }
    done = try_ready_ones(s);
    if (done != kNoCase) return done;
    if (!ordered) order_by_address(s);
    ordered = true;
    sellock(s);
    done = try_cases(s);
    if (done != kNoCase) return done;
    if (deadline == kNow) {
      selunlock(s);
      return kNoCase;
    }
    Wake why;
    done = park(s, deadline, &why);
    if (done != kNoCase) return done;
    if (why != Wake::kTimeout) continue;
    if (!s.has_fd) return kNoCase;
    if (os::nanotime() >= deadline) deadline = kNow;  // ask the kernel once more
  }
}

}  // namespace goshim::chan
