// Says that a program of the API has come to a standstill, as Go does, and ends it.
//
// A report that is wrong ends a program that was right. So it is made only if nothing whatever can wake anybody. At some
// moment all of this is true:
//
//   1. Every live G is parked in a wait of the API's channels, selects without fds, WaitGroups, locks, conds, or in
//      pthread_join or on a mutex that is ours (with GOSHIM_DEBUG=deadlock=1 in any lock, cond, semaphore or barrier
//      that is ours; what other processes share is never ours). None has a deadline. G's that are wired count too.
//   2. No G is queued, every P is idle, no M spins, and one M waits in the poller, for fds that nobody waits on.
//   3. No heap has a timer but the poller's, which wakes only who waits for an fd: no sleep, timeout, Timer, Ticker, AfterFunc or context with a deadline is left.
//   4. The process has no kernel threads but our Ms and helpers. A thread that we did not make could do anything.
//   5. No signal has a handler that the program installed, none waits to be delivered, and no timer of the kernel's is going
//      to send one: a handler may end the wait by a jump, or the process in its own way. So may a signal's default
//      action, and Go does not wait for that either, but an alarm that is set is a plan.
//   6. The process is not stopped in between: all is read twice, and nothing has moved.
//
// What is true at one moment under these conditions stays true: whatever could end a wait is itself one of these Gs, a
// timer, a thread or a signal. Why the reading, which takes a while, is of one moment: park words only ever grow, so
// a word that reads the same before and after stood still in between, and between the two all other conditions were
// looked at. A timer's function runs on an M with a P, or on sysmon, which is us.
//
// The Gs tell their stacks themselves, one after the other: each is woken out of its wait with Wake::kDeadlock, prints, and
// parks for ever. libc's unwinder needs the G's own stack and TLS to be the current ones.
//
// Orders: [deadlock.said] the G releases what it has printed -> sysmon acquires.
#include "sched/deadlock.h"

#include <signal.h>

#include "base/debugvars.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/futex.h"
#include "os/memory.h"
#include "os/proc_self.h"
#include "os/signal_handlers.h"
#include "sched/sched.h"
#include "sched/signals.h"

namespace goshim {

constinit DeadlockOps deadlock_ops = {};

namespace {

constexpr int64_t kTellTime = 3'000'000'000;
constexpr uint32_t kMostToTell = 1000;

constinit Atomic<uint32_t> never;
constinit Atomic<uint32_t> said;

bool is_ours(WaitReason r) {
  switch (r) {
    case WaitReason::kChanReceive:
    case WaitReason::kChanSend:
    case WaitReason::kChanReceiveNil:
    case WaitReason::kChanSendNil:
    case WaitReason::kSelectCases:
    case WaitReason::kSelectNoCases:
    case WaitReason::kWaitGroup:
    case WaitReason::kGoMutex:
    case WaitReason::kGoRWMutexR:
    case WaitReason::kGoRWMutexW:
    case WaitReason::kGoCond:
    case WaitReason::kGoOnce:
    case WaitReason::kMutexLock:
    case WaitReason::kJoin:
      return true;
    case WaitReason::kCondWait:
    case WaitReason::kRwlockRead:
    case WaitReason::kRwlockWrite:
    case WaitReason::kSemWait:
    case WaitReason::kBarrierWait:
    case WaitReason::kOnce:
      return debug.deadlock == 1;
    default:
      return false;
  }
}

struct Sleeper {
  G* gp;
  uint64_t word;
};

struct Sleepers {
  Sleeper* v;
  uint32_t cap;
  uint32_t n = 0;
  bool all = true;  // everybody is
};

// Under the allgs lock.
void look(G* gp, void* arg) {
  auto* s = static_cast<Sleepers*>(arg);
  // A foreign G is a thread's that has ended, or condition 4 does not hold.
  if (gp->kind == GKind::kForeign || gp->get_status() == GStatus::kDead) return;
  if (gp->wait_reason.load_relaxed() == WaitReason::kMainExited)
    return;                                         // has ended, for the process to live on
  const uint64_t w = gp->park_word.load_acquire();  // [park.woken]
  const ParkState st = park_state(w);
  const bool parked =
      gp->kind == GKind::kWired ? st == ParkState::kSleeping : st == ParkState::kParked;
  if (!parked || !is_ours(gp->wait_reason.load_relaxed()) || s->n == s->cap) {
    s->all = false;
    return;
  }
  s->v[s->n++] = {gp, w};
}

// Condition 1, now.
bool all_asleep(Sleepers* s) {
  s->n = 0;
  s->all = true;
  for_each_g(&look, s);
  return s->all && s->n > 0 && static_cast<int32_t>(s->n) == sched.gcount.load_relaxed();
}

bool still_asleep(const Sleepers& s) {
  for (uint32_t i = 0; i < s.n; i++) {
    if (s.v[i].gp->park_word.load_acquire() != s.v[i].word) return false;  // [park.woken]
  }
  return static_cast<int32_t>(s.n) == sched.gcount.load_relaxed();
}

// Conditions 2 and 3.
bool nothing_moves() {
  fence_seq_cst();  // [spin.dekker] between the two looks at the Gs
  return sched.npidle.load_relaxed() == sched.nprocs.load_relaxed() &&
         sched.globrunq_size.load_relaxed() == 0 && sched.nmspinning.load_relaxed() == 0 &&
         sched.polling.load_relaxed() != 0 && timers_count() == deadlock_ops.own_timers();
}

// Conditions 4 and 5.
bool nobody_comes() {
  if (sig_undelivered.load_relaxed() != 0 || never.load_relaxed() != 0) return false;
  if (os::count_tasks() != sched.mcount.load_relaxed() + deadlock_ops.helpers()) return false;
  return !os::program_handles_signals(kOwnSignals) && !os::alarm_is_set();
}

void tell(const Sleeper& s) {
  const uint32_t before = said.load_relaxed();
  if (!wake({s.gp, park_seq(s.word)}, Wake::kDeadlock)) return;
  const int64_t end = os::nanotime() + kTellTime;
  while (said.load_acquire() == before) {  // [deadlock.said]
    const int64_t left = end - os::nanotime();
    if (left <= 0) return;
    os::futex_sleep(said.raw(), before, left);
  }
}

}  // namespace

void deadlock_never() { never.store_relaxed(1); }

void deadlock_after_fork_child() { never.store_relaxed(0); }  // timers are not inherited

void check_deadlock() {
  if (deadlock_ops.print_stack == nullptr) return;
  const int32_t live = sched.gcount.load_relaxed();
  if (live < 1 || !nothing_moves()) return;
  const size_t bytes = os::round_up(static_cast<size_t>(live) * sizeof(Sleeper), os::kPage);
  auto* v = static_cast<Sleeper*>(os::map_pages(bytes));
  if (v == nullptr) return;
  Sleepers s = {v, static_cast<uint32_t>(live)};
  if (!all_asleep(&s) || !nobody_comes() || !nothing_moves() || !still_asleep(s)) {
    os::unmap(v, bytes);
    return;
  }
  Log() << "fatal error: all goroutines are asleep - deadlock!";
  for (uint32_t i = 0; i < s.n && i < kMostToTell; i++) tell(s.v[i]);
  if (s.n > kMostToTell) Log(Log::kNoPrefix) << "and " << s.n - kMostToTell << " goroutines more";
  for (;;) os::sys(SYS_exit_group, 2);
}

void deadlock_say(G* gp, WaitReason reason) {
  Log(Log::kNoPrefix) << "goroutine " << gp->goid << " [" << wait_reason_name(reason) << "]:";
  deadlock_ops.print_stack();
  said.fetch_add_release(1);  // [deadlock.said]
  os::futex_wake(said.raw(), 1);
  for (;;) gopark(park_prepare(), WaitReason::kNone);
}

}  // namespace goshim
