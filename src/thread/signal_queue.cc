// What is pending for each G, and how a G learns of it.
#include "base/slab.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/sysmon.h"
#include "thread/signal.h"

namespace goshim {

namespace {

constexpr int kFirstQueued = 34;  // signals below are merged while one is pending

constinit Slab<SigItem> slab;
// Signals to put back into the kernel's queue in somebody else's name, which only the first kernel thread may: it does
// when the interrupt reaches it. The items are not used again: this is rare, and the interrupt may take no lock.
constinit Atomic<SigItem*> to_leader;
constinit SigItem* spare GS_GUARDED_BY(sig_lock) = nullptr;
constinit IntrusiveList<G, &G::sig_link> listed GS_GUARDED_BY(sig_lock) = {};

SigItem* item_get() GS_REQUIRES(sig_lock) {
  SigItem* it = spare;
  if (it != nullptr) {
    spare = it->next;
    return it;
  }
  return slab.alloc();
}

void item_put(SigItem* it) GS_REQUIRES(sig_lock) {
  it->next = spare;
  spare = it;
}

bool has_item(const G* gp, int sig) GS_REQUIRES(sig_lock) {
  for (SigItem* it = gp->sig.queue; it != nullptr; it = it->next) {
    if (it->info.si_signo == sig) return true;
  }
  return false;
}

// Unlinks *link; the pending bit follows.
SigItem* unlink(G* gp, SigItem** link) GS_REQUIRES(sig_lock) {
  SigItem* it = *link;
  const int sig = it->info.si_signo;
  *link = it->next;
  if (!has_item(gp, sig)) gp->sig.pending.fetch_and_relaxed(~sig_bit(sig));
  return it;
}

}  // namespace

Queued sig_queue_put(G* gp, const siginfo_t& info, bool shared) {
  if (!gp->sig.open.load_acquire()) return Queued::kClosed;  // [sig.open]
  const uint64_t bit = sig_bit(info.si_signo);
  // relaxed: written under the lock
  if (info.si_signo < kFirstQueued && (gp->sig.pending.load_relaxed() & bit) != 0)
    return Queued::kMerged;
  SigItem* it = item_get();
  if (it == nullptr) return Queued::kMerged;
  it->next = nullptr;
  it->shared = shared;
  it->info = info;
  SigItem** link = &gp->sig.queue;
  while (*link != nullptr) link = &(*link)->next;
  *link = it;
  gp->sig.pending.fetch_or_seq_cst(bit);  // [sig.pending]
  sig_list_update(gp);
  return Queued::kYes;
}

bool sig_queue_take(G* gp, uint64_t set, siginfo_t* info) {
  SigItem** best = nullptr;
  for (SigItem** link = &gp->sig.queue; *link != nullptr; link = &(*link)->next) {
    const int sig = (*link)->info.si_signo;
    if ((set & sig_bit(sig)) == 0) continue;
    if (best == nullptr || sig < (*best)->info.si_signo) best = link;
  }
  if (best != nullptr) {
    SigItem* it = unlink(gp, best);
    *info = it->info;
    item_put(it);
  }
  sig_list_update(gp);
  return best != nullptr;
}

void sig_queue_give_back(G* gp, bool all) {
  SigItem* back = nullptr;
  {
    MLockGuard g(sig_lock);
    for (SigItem** link = &gp->sig.queue; *link != nullptr;) {
      SigItem* it = *link;
      const bool blocked =
          (gp->sig.mask.load_relaxed() & sig_bit(it->info.si_signo)) != 0;  // relaxed: our own
      if (!all && !(it->shared && blocked)) {
        link = &it->next;
        continue;
      }
      unlink(gp, link);
      it->next = back;
      back = it;
    }
    sig_list_update(gp);
  }
  while (back != nullptr) {
    SigItem* it = back;
    back = it->next;
    if (it->shared) sig_to_kernel(it->info);
    MLockGuard g(sig_lock);
    item_put(it);
  }
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
    it->next = first;
  } while (!to_leader.cas_release(first, it));  // [sig.leader]
  os::sys(SYS_tgkill, pid, pid, kInterruptSignal);
}

void sig_leader_sends() {
  if (to_leader.load_relaxed() == nullptr) return;  // relaxed: a hint
  if (os::gettid() != os::getpid()) return;
  SigItem* it = to_leader.exchange_acquire(nullptr);  // [sig.leader]
  for (; it != nullptr; it = it->next) {
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
  if (park_is_open(w)) {
    wake({gp, park_seq(w)}, Wake::kSignal);
    return;
  }
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

void sig_poke() {
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
  spare = nullptr;
  to_leader.store_relaxed(nullptr);
  listed = {};
  sig_undelivered.store_relaxed(0);
}

}  // namespace goshim
