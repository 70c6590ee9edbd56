// What is pending for each G, and how a G learns of it.
#include "base/slab.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/sysmon.h"
#include "thread/cancel.h"
#include "thread/signal.h"

namespace goshim {

namespace {

constexpr int kFirstQueued = 34;  // signals below are merged while one is pending

using SigItems = IntrusiveList<SigItem, &SigItem::link>;

constinit Slab<SigItem> slab;
// Signals to put back into the kernel's queue in somebody else's name, which only the first kernel thread may: it does
// when the interrupt reaches it. The items are not used again: this is rare, and the interrupt may take no lock.
constinit Atomic<SigItem*> to_leader;
constinit SigItems spare GS_GUARDED_BY(sig_lock) = {};
// Signals to the process of which another came while one was pending for a G. The rest stay in the kernel until that one
// is taken: there they are merged as the program knows it, and a timer that is faster than its handler waits.
constinit uint64_t left_in_kernel GS_GUARDED_BY(sig_lock) = 0;
constinit IntrusiveList<G, &G::sig_link> listed GS_GUARDED_BY(sig_lock) = {};

SigItem* item_get() GS_REQUIRES(sig_lock) {
  SigItem* it = spare.pop_front();
  return it != nullptr ? it : slab.alloc();
}

// The first item of a signal, in the queue from `it` on.
SigItem* item_of(SigItem* it, int sig) {
  while (it != nullptr && it->info.si_signo != sig) it = SigItems::next(it);
  return it;
}

bool same_timer(const siginfo_t& a, const siginfo_t& b) {
  return a.si_code == SI_TIMER && b.si_code == SI_TIMER && a.si_timerid == b.si_timerid;
}

// The pending item that info adds nothing to: of the same signal, for a realtime signal of the same timer, which has one
// on its way at most.
SigItem* item_it_merges_with(const G* gp, const siginfo_t& info) GS_REQUIRES(sig_lock) {
  const int sig = info.si_signo;
  if ((gp->sig.pending.load_relaxed() & sig_bit(sig)) == 0)
    return nullptr;  // relaxed: written under the lock
  SigItem* it = item_of(gp->sig.queue.front(), sig);
  if (sig < kFirstQueued) return it;
  if (info.si_code != SI_TIMER) return nullptr;
  while (it != nullptr && !same_timer(it->info, info)) it = item_of(SigItems::next(it), sig);
  return it;
}

void merge(SigItem* it, const siginfo_t& info, bool shared) GS_REQUIRES(sig_lock) {
  if (same_timer(it->info, info)) {
    const int64_t sum = int64_t{it->info.si_overrun} + info.si_overrun + 1;
    it->info.si_overrun = static_cast<int>(sum < INT_MAX ? sum : INT_MAX);
  }
  if (shared && it->shared) left_in_kernel |= sig_bit(info.si_signo);
}

void unlink(G* gp, SigItem* it) GS_REQUIRES(sig_lock) {
  const int sig = it->info.si_signo;
  SigItem* other = item_of(gp->sig.queue.front(), sig);
  if (other == it) other = item_of(SigItems::next(it), sig);
  gp->sig.queue.erase(it);
  if (other == nullptr) gp->sig.pending.fetch_and_relaxed(~sig_bit(sig));
  if ((left_in_kernel & sig_bit(sig)) == 0) return;
  left_in_kernel &= ~sig_bit(sig);
  sigmask_tell_sigm();
}

}  // namespace

uint64_t sig_left_in_kernel() { return left_in_kernel; }

Queued sig_queue_put(G* gp, const siginfo_t& info, bool shared) {
  if (!gp->sig.open.load_acquire()) return Queued::kClosed;  // [sig.open]
  if (SigItem* same = item_it_merges_with(gp, info)) {
    merge(same, info, shared);
    return Queued::kMerged;
  }
  SigItem* it = item_get();
  if (it == nullptr) return Queued::kMerged;
  it->shared = shared;
  it->info = info;
  gp->sig.queue.push_back(it);
  const uint64_t bit = sig_bit(info.si_signo);
  gp->sig.pending.fetch_or_seq_cst(bit);  // [sig.pending] [sig.close]
  // The same G in another life may block what is meant for any that does not.
  const bool closed = !gp->sig.open.load_seq_cst();  // [sig.close]
  if (GS_UNLIKELY(closed || (shared && (gp->sig.mask.load_relaxed() & bit) !=
                                           0))) {  // relaxed: open acquires it
    unlink(gp, it);
    spare.push_back(it);
    return Queued::kClosed;
  }
  sig_list_update(gp);
  return Queued::kYes;
}

bool sig_queue_take(G* gp, uint64_t set, siginfo_t* info) {
  const uint64_t some = gp->sig.pending.load_relaxed() & set;  // relaxed: written under the lock
  if (some != 0) {
    SigItem* it = item_of(gp->sig.queue.front(), __builtin_ctzll(some) + 1);
    unlink(gp, it);
    *info = it->info;
    spare.push_back(it);
    sig_note_timer(gp, *info);
  }
  sig_list_update(gp);
  return some != 0;
}

void sig_note_timer(G* gp, const siginfo_t& info) {
  if (info.si_code != SI_TIMER) return;
  gp->sig.timer_id = info.si_timerid;
  gp->sig.timer_overrun = info.si_overrun;
}

int sig_queue_give_back(G* gp, bool all) {
  SigItems back;
  int n = 0;
  {
    MLockGuard g(sig_lock);
    SigItem* next;
    for (SigItem* it = gp->sig.queue.front(); it != nullptr; it = next) {
      next = SigItems::next(it);
      const bool blocked =
          (gp->sig.mask.load_relaxed() & sig_bit(it->info.si_signo)) != 0;  // relaxed: our own
      if (!all && !(it->shared && blocked)) continue;
      n++;
      unlink(gp, it);
      back.push_back(it);
    }
    sig_list_update(gp);
  }
  while (SigItem* it = back.pop_front()) {
    if (it->shared) sig_to_kernel(it->info);
    MLockGuard g(sig_lock);
    spare.push_back(it);
  }
  return n;
}

void sig_to_kernel(const siginfo_t& info) {
  siginfo_t copy = info;
  const int32_t pid = os::getpid();
  if (os::sys(SYS_rt_sigqueueinfo, pid, info.si_signo, &copy) == 0) return;
  if (info.si_code == SI_USER && info.si_pid == pid) {
    os::sys(SYS_kill, pid, info.si_signo);
    return;
  }
  SigItem* it;
  {
    MLockGuard g(sig_lock);
    it = item_get();
  }
  if (it == nullptr) return;
  it->info = info;
  SigItem* first = to_leader.load_relaxed();  // relaxed: the CAS publishes
  do {
    it->link.next = first;
  } while (!to_leader.cas_release(first, it));  // [sig.leader]
  os::sys(SYS_tgkill, pid, pid, kInterruptSignal);
}

void sig_leader_sends() {
  if (to_leader.load_relaxed() == nullptr) return;  // relaxed: a hint
  if (os::gettid() != os::getpid()) return;
  SigItem* it = to_leader.exchange_acquire(nullptr);  // [sig.leader]
  for (; it != nullptr; it = it->link.next) {
    os::sys(SYS_rt_sigqueueinfo, os::getpid(), it->info.si_signo, &it->info);
  }
}

void sig_list_update(G* gp) {
  const bool want = sig_deliverable(gp);
  if (want == gp->sig.listed) return;
  gp->sig.listed = want;
  if (!want) {
    listed.erase(gp);
    sig_undelivered.fetch_sub_seq_cst(1);  // [sysmon.deep]
    return;
  }
  listed.push_back(gp);
  sig_undelivered.fetch_add_seq_cst(1);                // [sysmon.deep]
  if (sysmon_deep.load_seq_cst() != 0) sysmon_wake();  // [sysmon.deep]
}

void sig_kick(G* gp) {
  const uint64_t w = gp->park_word.load_seq_cst();  // [sig.pending]
  if (park_is_open(w) && wake({gp, park_seq(w)}, Wake::kSignal)) return;
  // It may be in a run queue, where no interrupt finds it. Before it begins to wait anew it looks.
  gp->cancel.fetch_or_seq_cst(kSignalCame);  // [cancel.word]
  sig_interrupt(gp);
}

void sig_interrupt(G* gp) {
  M* mp = as_atomic(gp->m)
              .load_relaxed();  // relaxed: Ms are never freed; a wrong one shrugs its shoulders
  if (mp == nullptr) return;
  const int32_t tid = mp->tid.load_relaxed();
  if (tid == 0 || mp->sig_interrupted.exchange_seq_cst(1) != 0) return;  // [sig.interrupt]
  if (os::sys(SYS_tgkill, os::getpid(), tid, kInterruptSignal) != 0) {
    mp->sig_interrupted.store_seq_cst(0);  // [sig.interrupt]
  }
}

namespace {

// Calls of sig_cancel_again() since sysmon last looked; each counts in sig_undelivered.
constinit Atomic<int32_t> cancels_again;

struct Interrupts {
  G* gs[32];
  int n;
};

void cancel_again() {
  const int32_t n = cancels_again.exchange_acquire(0);  // [sig.again]
  if (n == 0) return;
  sig_undelivered.fetch_sub_seq_cst(n);  // [sysmon.deep]
  Interrupts due = {};
  for_each_g(
      [](G* gp, void* p) {
        auto* d = static_cast<Interrupts*>(p);
        if (d->n < 32 && cancel_wants_interrupt(gp)) d->gs[d->n++] = gp;
      },
      &due);
  for (int i = 0; i < due.n; i++) sig_interrupt(due.gs[i]);
}

}  // namespace

void sig_cancel_again() {
  cancels_again.fetch_add_release(1);                  // [sig.again]
  sig_undelivered.fetch_add_seq_cst(1);                // [sysmon.deep]
  if (sysmon_deep.load_seq_cst() != 0) sysmon_wake();  // [sysmon.deep]
}

void sig_poke() {
  cancel_again();
  // More than a few at once wait for the next time.
  constexpr int kMax = 32;
  G* some[kMax];
  int n = 0;
  {
    MLockGuard g(sig_lock);
    G* next;
    for (G* gp = listed.front(); gp != nullptr && n < kMax; gp = next) {
      next = listed.next(gp);
      sig_list_update(gp);
      if (!gp->sig.listed) continue;
      some[n++] = gp;
    }
    for (int i = 0; i < n; i++) {
      listed.erase(some[i]);
      listed.push_back(some[i]);
    }
  }
  for (int i = 0; i < n; i++) sig_kick(some[i]);
}

void sig_queue_after_fork_child() GS_NO_TSA {
  slab.reset_after_fork();
  spare = {};
  left_in_kernel = 0;
  to_leader.store_relaxed(nullptr);
  listed = {};
  sig_undelivered.store_relaxed(0);
  cancels_again.store_relaxed(0);
}

}  // namespace goshim
