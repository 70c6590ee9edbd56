// The masks that programs see, and from them: which signals anybody wants.
//
// Few different masks are in use at a time however many threads there are, so Gs are counted by mask. sigm waits for
// every signal that a mask with Gs leaves open or that a sigwait()er asks for. It is told when that set grows; when it
// shrinks sigm finds out by itself, with a signal in its hands that it gives back to the kernel.
#include "thread/signal.h"

#include "os/futex.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "sched/tls.h"
#include "thread/thread_timer.h"

namespace goshim {

constinit Atomic<int32_t> sigm_tid;

namespace {

constexpr uint64_t kNeverBlocked =
    sig_bit(SIGKILL) | sig_bit(SIGSTOP) | sig_bit(kInterruptSignal) | sig_bit(kSetxidSignal);

// A mask and how many Gs have it. Slots are reused when nobody has theirs; the last stands for all further masks, and
// as nobody knows those, it is taken to leave everything open.
constexpr uint32_t kClasses = 256;
constexpr uint32_t kOthers = kClasses - 1;
struct MaskClass {
  uint64_t mask = 0;  // guarded by sig_lock; constant while count > 0
  Atomic<int32_t> gs;
};
constinit MaskClass classes[kClasses] = {};
constinit uint32_t used_classes GS_GUARDED_BY(sig_lock) = 0;  // slots from here on were never used

// Signals of which some to the process may wait in the queues of Gs that block them, for the time of a handler. It may
// hold any signals, also such as were sent to those Gs only, or are gone by now: who claims them looks.
constinit Atomic<uint64_t> kept;

// Signals that a G has just opened and is fetching from the kernel itself: sigm would mix up their order.
constinit uint64_t fetching GS_GUARDED_BY(sig_lock) = 0;

constinit uint64_t sigm_waits_for GS_GUARDED_BY(sig_lock) = 0;
// How often sigm has looked at what to wait for. [sig.round]
constinit Atomic<uint32_t> sigm_round;
constinit Atomic<uint64_t> next_env{1};

uint32_t class_join(uint64_t mask) GS_REQUIRES(sig_lock) {
  uint32_t free = kOthers;
  uint32_t c = 0;
  for (; c < used_classes; c++) {
    const bool in_use = classes[c].gs.load_relaxed() > 0;  // relaxed: leaving is under the lock
    if (in_use && classes[c].mask == mask) break;
    if (!in_use && free == kOthers) free = c;
  }
  if (c == used_classes) {
    c = free;
    if (c == kOthers && used_classes < kOthers) c = used_classes++;
    if (c != kOthers) classes[c].mask = mask;
  }
  classes[c].gs.fetch_add_relaxed(1);
  return c;
}

// What waits in the kernel for the process and is in `set` becomes pending for gp.
void fetch_from_kernel(G* gp, uint64_t set) {
  const timespec zero = {0, 0};
  siginfo_t info;
  while (set != 0 && os::sys(SYS_rt_sigtimedwait, &set, &info, &zero, 8) > 0) {
    if (G* to = thread_timer_target(info); to != nullptr && to != gp) {
      signal_send(info, to);
      continue;
    }
    MLockGuard g(sig_lock);
    // A timer can be faster than this loop.
    if (sig_queue_put(gp, info, true) == Queued::kMerged) set &= ~sig_bit(info.si_signo);
  }
}

void drain(uint64_t set) {
  const timespec zero = {0, 0};
  while (os::sys(SYS_rt_sigtimedwait, &set, nullptr, &zero, 8) > 0) {
  }
}

}  // namespace

uint64_t sigmask_clean(uint64_t mask) { return mask & ~kNeverBlocked; }

void sigmask_init_g(G* gp, uint64_t mask) {
  G* self = getg();
  // relaxed: nobody looks at gp before it is open
  gp->sig.mask.store_relaxed(mask);
  if (self != nullptr && self->sig.open.load_relaxed() && self != gp &&
      self->sig.mask.load_relaxed() == mask) {
    gp->sig.mask_class = self->sig.mask_class;
    classes[gp->sig.mask_class].gs.fetch_add_relaxed(1);
  } else {
    MLockGuard g(sig_lock);
    gp->sig.mask_class = class_join(mask);
    sigmask_tell_sigm();
  }
  sigmask_claim(~mask);
}

void sigmask_end_g(G* gp) { classes[gp->sig.mask_class].gs.fetch_sub_relaxed(1); }

namespace {

// What gp has for the process and blocks from now on, in bits: does it stay in gp's queue? Through the kernel and sigm
// the rest would come back late and in another order. If nobody else would have it now it may stay for a handler's time;
// who would have it later asks for it (sigmask_claim).
bool keeps(uint64_t bits) {
  MLockGuard g(sig_lock);
  if ((sigmask_wanted() & bits) != 0) return false;
  kept.fetch_or_relaxed(bits);  // relaxed: written under the lock
  return true;
}

}  // namespace

void sigmask_claim(uint64_t set) {
  if ((kept.load_relaxed() & set) == 0)
    return;  // relaxed: written under the lock, which the caller had when its wish became known
  uint64_t bits;
  {
    MLockGuard g(sig_lock);
    bits = kept.fetch_and_relaxed(~set) & set;  // relaxed: likewise
  }
  for (;;) {
    G* some[16];
    struct Found {
      G** gs;
      uint64_t bits;
      int n;
    } found = {some, bits, 0};
    for_each_g(
        [](G* gp, void* p) {
          auto* f = static_cast<Found*>(p);
          // relaxed: hints
          const uint64_t has = gp->sig.pending.load_relaxed() & gp->sig.mask.load_relaxed();
          if ((has & f->bits) != 0 && gp != getg() && f->n < 16) f->gs[f->n++] = gp;
        },
        &found);
    int back = 0;
    for (int i = 0; i < found.n; i++) back += sig_queue_give_back(some[i], false);
    if (found.n < 16 || back == 0) return;
  }
}

void sigmask_set(G* gp, uint64_t mask, bool for_handler) {
  mask = sigmask_clean(mask);
  const uint64_t old = gp->sig.mask.load_relaxed();  // relaxed: our own
  if (mask == old) return;
  uint64_t unclaimed;
  {
    MLockGuard g(sig_lock);
    const uint32_t was = gp->sig.mask_class;
    gp->sig.mask_class = class_join(mask);
    classes[was].gs.fetch_sub_relaxed(1);
    gp->sig.mask.store_seq_cst(mask);  // [sig.pending]
    unclaimed = old & ~mask & ~sigm_waits_for & ~kSyncSignals;
    fetching |= unclaimed;
    sig_list_update(gp);
  }
  if ((old & ~mask) != 0) sigmask_claim(old & ~mask);
  if (unclaimed != 0) {
    fetch_from_kernel(gp, unclaimed);
    MLockGuard g(sig_lock);
    fetching &= ~unclaimed;
    sigmask_tell_sigm();
  }
  const uint64_t shut = gp->sig.pending.load_relaxed() & mask & ~old;  // relaxed: a hint
  if (shut != 0 && !(for_handler && keeps(shut))) sig_queue_give_back(gp, false);
  if (((mask ^ old) & kSyncSignals) != 0 || gp->sig.native) sig_env_update(gp);
}

uint64_t sigmask_swap(uint64_t mask) {
  G* gp = getg();
  const uint64_t old = gp->sig.mask.load_relaxed();  // relaxed: our own
  sigmask_set(gp, mask);
  return old;
}

uint64_t sigmask_wanted() {
  uint64_t open = classes[kOthers].gs.load_relaxed() > 0 ? ~uint64_t{0}
                                                         : 0;  // relaxed: see tell_sigm's callers
  for (uint32_t c = 0; c < used_classes; c++) {
    if (classes[c].gs.load_relaxed() > 0) open |= ~classes[c].mask;
  }
  open &= ~kSyncSignals;
  open |= thread_timer_signals();
  for (SigWaiter* w = sig_waiters.front(); w != nullptr; w = SigWaiters::next(w)) open |= w->set;
  return open & ~kNeverBlocked & ~sig_left_in_kernel() & ~fetching;
}

void sigmask_tell_sigm() {
  const uint64_t more = sigmask_wanted() & ~sigm_waits_for;
  if (more == 0) return;
  sigm_waits_for |= more;
  const int32_t tid =
      sigm_tid.load_relaxed();  // relaxed: not there yet: it will look when it starts
  if (tid != 0) os::sys(SYS_tgkill, os::getpid(), tid, kInterruptSignal);
}

uint64_t sigmask_sigm_waits() {
  uint64_t set;
  {
    MLockGuard g(sig_lock);
    set = sigm_waits_for = sigmask_wanted();
    sigm_round.fetch_add_release(1);  // [sig.round]
  }
  os::futex_wake(sigm_round.raw(), INT32_MAX);
  return set;
}

namespace {

// Returns when sigm_round is not `round` any more.
void wait_for_round_after(uint32_t round) {
  while (sigm_round.load_acquire() == round)
    os::futex_sleep(sigm_round.raw(), round, 1000000);  // [sig.round]
}

bool is_left_in_kernel(uint64_t bit) {
  MLockGuard g(sig_lock);
  return (sig_left_in_kernel() & bit) != 0;
}

// Returns when sigm is done with what it had taken, and has looked at what is wanted now.
void sigm_next_round() {
  uint32_t round;
  {
    MLockGuard g(sig_lock);
    round = sigm_round.load_relaxed();  // relaxed: written under the lock
    // relaxed: 0 if it does not run yet; its first round will come by itself
    const int32_t tid = sigm_tid.load_relaxed();
    if (tid != 0) os::sys(SYS_tgkill, os::getpid(), tid, kInterruptSignal);
  }
  wait_for_round_after(round);
}

}  // namespace

void sigmask_settle(int sig) {
  {
    MLockGuard g(sig_lock);
    if (sigm_tid.load_relaxed() == 0) {    // relaxed: not there yet: it waits for nothing,
      sigm_waits_for &= sigmask_wanted();  // and will not, whatever it was to be told
      return;
    }
    if ((sigm_waits_for & ~sigmask_wanted() & sig_bit(sig)) == 0) return;
  }
  sigm_next_round();
}

void sigmask_settle_sent(int sig) {
  // More of them than this is somebody else's flood.
  constexpr int kRounds = 100;
  const uint64_t bit = sig_bit(sig);
  if ((bit & kSyncSignals) != 0) return;
  for (int i = 0; i < kRounds; i++) {
    const uint32_t round = sigm_round.load_acquire();  // [sig.round]
    uint64_t pending = 0;
    os::sys(SYS_rt_sigpending, &pending, 8);
    if ((pending & bit) == 0 || is_left_in_kernel(bit)) break;
    // sigm comes for it. It is not to be interrupted: the interrupt would be what it gets first.
    wait_for_round_after(round);
  }
  // Not in the kernel any more means that sigm has it in its hands, or had.
  sigm_next_round();
}

void sig_install(M* mp, G* gp) {
  const uint64_t want = gp->sig.kmask;
  if (mp->sig_kmask != want) {
    // A SIGPIPE that another G left behind on this M, blocked, is not for this one.
    const uint64_t opens = mp->sig_kmask & ~want & kSyncSignals;
    if (opens != 0 && getg() != gp) drain(opens);
    os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &want, nullptr, 8);
    mp->sig_kmask = want;
  }
  const SigStack& s = gp->sig.stack;
  if (mp->sig_stack.lo != s.lo || mp->sig_stack.size != s.size) {
    const stack_t ss = {s.lo, s.lo != nullptr ? s.flags : SS_DISABLE, s.size};
    os::sys(SYS_sigaltstack, &ss, nullptr);
    mp->sig_stack = s;
  }
  mp->sig_env = gp->sig_env;
}

uint64_t sig_env_new() { return next_env.fetch_add_relaxed(1); }

void sig_env_update(G* gp) {
  const uint64_t mask = gp->sig.mask.load_relaxed();  // relaxed: our own
  gp->sig.kmask = gp->sig.native ? mask : kMMask | (mask & kSyncSignals);
  const bool usual = gp->sig.kmask == kMMask && gp->sig.stack.lo == nullptr;
  gp->sig_env = usual ? 0 : sig_env_new();
  sig_install(gp->m, gp);
}

void sigmask_after_fork_child() GS_NO_TSA {
  for (MaskClass& c : classes) c.gs.store_relaxed(0);
  used_classes = 0;
  kept.store_relaxed(0);
  fetching = 0;
  sigm_waits_for = 0;
  sigm_tid.store_relaxed(0);
}

}  // namespace goshim
