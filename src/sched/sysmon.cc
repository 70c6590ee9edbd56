#include "sched/sysmon.h"

#include "base/debugvars.h"
#include "os/clock.h"
#include "os/futex.h"
#include "sched/allgs.h"
#include "sched/deadlock.h"
#include "sched/poller.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/task_state.h"
#include "sched/trace.h"

namespace goshim {

constinit Atomic<uint32_t> sysmon_deep;

namespace {

// Not 0: somebody wants a round now.
constinit Atomic<uint32_t> kicked;

constexpr int64_t kMinSleep = 20 * 1000;
constexpr int64_t kMaxSleep = 10 * 1000 * 1000;
constexpr int64_t kHogSlice = 10 * 1000 * 1000;
constexpr int64_t kHogCpu = kHogSlice / 2;
constexpr int64_t kPokeAgain = 500 * 1000;
constexpr int32_t kFewMs = 4;
constexpr int64_t kWorthAnM = 500 * 1000;
constexpr int64_t kPollAlone = 100 * 1000;
constexpr int64_t kPollLate = 10 * 1000 * 1000;
constexpr uint32_t kLoneWakes = 64;
constexpr int kStillRounds = 20;  // of kMaxSleep, mostly
constexpr int64_t kStuck = 100 * 1000 * 1000;
constexpr int64_t kTrimEvery = int64_t{2} * 1000 * 1000 * 1000;

// ---- what an M does, by evidence -----------------------------------------------------------------------------
//
// Program code may sleep in ways nobody told us: a futex inside libc, a raw system call, a page fault on NFS. And an M
// whose P stands still may just be waiting for a core on a busy machine; to take its P away would only make things
// worse. Three looks, each dearer than the one before, tell them apart: the P's tick (a load), the M's CPU clock (half
// a microsecond), the kernel's word on its state (ten and more).

// Asleep at two looks this far apart, without a bit of CPU time in between. One look would also catch an M that waits for
// a moment for the kernel's memory-map lock, as all do when many threads are created at once.
constexpr int64_t kAsleep = 100 * 1000;

int64_t cpu_of(const M* mp) { return os::clock_ns(os::thread_cpu_clock(mp->tid.load_relaxed())); }

bool sleeps_unseen(P* pp, const M* mp, int64_t now) {
  const int64_t cpu = cpu_of(mp);
  const bool stands_still = cpu == pp->sysmon_cpu;
  pp->sysmon_cpu = cpu;
  const char state = stands_still ? task_state(mp->tid.load_relaxed()) : 'R';
  if (state != 'S' && state != 'D') {
    pp->sysmon_asleep = 0;
    return false;
  }
  if (pp->sysmon_asleep == 0) pp->sysmon_asleep = now;
  return now - pp->sysmon_asleep >= kAsleep;
}

// In the trace.
int32_t retake_cause(const Atomic<uint64_t>* count) {
  return count == &sched.retakes_hog ? 0 : count == &sched.retakes_blocked ? 1 : 2;
}

// Looks at one P; true if something was done.
bool retake_one(P* pp, int64_t now) {
  const uint64_t word = pp->word.load_acquire();  // [p.word]
  if (p_status(word) != PStatus::kSyscall) return false;
  if (GS_UNLIKELY(is_surplus(pp))) {
    if (!retake(pp, word)) return false;
    retirep(pp);
    return true;
  }
  const uint32_t tick = pp->schedtick.load_relaxed();  // relaxed: compared with itself
  if (tick != pp->sysmon_tick) {
    pp->sysmon_tick = tick;
    pp->sysmon_when = now;
    const M* mp = pp->m.load_relaxed();  // relaxed: any M will do, the next look compares
    pp->sysmon_cpu0 = mp != nullptr ? cpu_of(mp) : 0;
    pp->sysmon_call = mp != nullptr ? mp->blocking.load_relaxed() : 0;  // relaxed: as above
    pp->sysmon_cpu = -1;
    pp->sysmon_asleep = 0;
    return false;
  }
  const int64_t stood = now - pp->sysmon_when;
  const bool waiting = work_for(pp);
  // An idle P can take what waits here without anybody losing a P.
  if (waiting && sched.npidle.load_relaxed() > 0 && m_for_an_idle_p()) {  // relaxed: a hint
    pp->lone_wakes.store_relaxed(kLoneWakes);                             // relaxed: a hint
    wakep();
    return true;
  }
  // Somebody must be there to poll and to run what comes next.
  const bool nobody_looks =
      sched.nmspinning.load_relaxed() + sched.npidle.load_relaxed() == 0;  // relaxed: a hint
  // The M that was in the poller took this G with it, and it computes: an idle P can look after fds and timers.
  if (stood >= kPollAlone && sched.npidle.load_relaxed() > 0 && sched.polling.load_relaxed() == 0 &&
      m_for_an_idle_p()) {  // relaxed: a hint
    wakep();
    return false;
  }
  if (!waiting && !nobody_looks) return false;
  M* mp = pp->m.load_relaxed();  // relaxed: its id is checked against the word
  if (mp == nullptr || mp->id != p_mid(word)) return false;
  // Many Ms are there already: neither a short sleep is worth one more kernel thread nor a call that only waits for a core.
  const bool many =
      sched.mcount.load_relaxed() > sched.nprocs.load_relaxed() + kFewMs;  // relaxed: a heuristic
  Atomic<uint64_t>* count = &sched.retakes_hog;
  // A loop that talks to many non-blocking sockets is nearly always in a call, and in none of them for long.
  const uint32_t call = mp->blocking.load_relaxed();  // relaxed: compared with itself
  const bool same_call = call != 0 && call == pp->sysmon_call;
  pp->sysmon_call = call;
  if (same_call) {
    if (many && !sleeps_unseen(pp, mp, now)) return false;
    count = &sched.retakes_blocked;
  } else if (sleeps_unseen(pp, mp, now)) {
    count = &sched.retakes_unseen;
  } else if (!waiting || stood < kHogSlice || pp->sysmon_cpu - pp->sysmon_cpu0 < kHogCpu) {
    return false;
  }
  if (many && stood < kWorthAnM) return false;
  if (!retake(pp, word)) return false;
  count->fetch_add_relaxed(1);
  GS_TRACE(nullptr, p_retake, 0, trace_two(pp->id, retake_cause(count)));
  handoffp(pp);
  return true;
}

bool retake_all(int64_t now) {
  bool did = false;
  const int32_t n = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < n; i++) did |= retake_one(sched.allp[i], now);
  return did;
}

void poll_if_late(int64_t now) {
  if (sched.polling.load_relaxed() != 0) return;  // relaxed: a hint; two polls at once are harmless
  if (now - sched.last_poll.load_relaxed() < kPollLate) return;
  sched.last_poll.store_relaxed(now);
  GList list;
  poll_counted(0, list);
  goready_all(list);
}

void run_late_timers(int64_t now) {
  const int32_t n = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < n; i++) {
    TimerHeap* h = &sched.allp[i]->timers;
    if (GS_UNLIKELY(i >= sched.gomaxprocs.load_relaxed()) &&
        h->next_when.load_relaxed() != kNever)  // relaxed: hints
      timers_adopt(h, &sched.allp[0]->timers);
    // relaxed: a hint. An M in the poller or about to schedule is given 1 ms to do it itself.
    if (h->next_when.load_relaxed() < now - 1000000) timers_run(h, now);
  }
}

bool all_idle() {
  return sched.npidle.load_relaxed() == sched.nprocs.load_relaxed();
}  // relaxed: re-checked with a fence

// Nothing runs, nothing is queued, and an M waits in the poller for what comes.
bool nothing_to_do() {
  return all_idle() && sched.globrunq_size.load_relaxed() == 0 &&
         sched.polling.load_relaxed() != 0;  // relaxed: as above
}

// GOSHIM_MAXMS Ms are there and all are blocked; who would release them may be in the queue. The cap is to bound what a
// program takes, not to stop it: one M more, now and again.
void help_if_stuck(int64_t now) {
  static int64_t since = 0;
  // relaxed: hints
  if (!all_idle() || sched.globrunq_size.load_relaxed() == 0 || m_for_an_idle_p()) {
    since = 0;
  } else if (since == 0) {
    since = now;
  } else if (now - since >= kStuck) {
    since = now;
    startm_beyond_cap();
  }
}

uint64_t total_ticks() {
  uint64_t n = 0;
  const int32_t all = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < all; i++) n += sched.allp[i]->schedtick.load_relaxed();
  return n;
}

//  [sysmon.deep]   an M takes the first idle P             sysmon goes to sleep
//                  npidle -= 1                             sysmon_deep = 1
//                  (seq_cst)        <--- pairs --->        fence
//                  sysmon_deep ? sysmon_wake()             npidle == nprocs ? sleep
//  The same pair stands between sysmon_kick(), which sets `kicked`, and sysmon, which looks at it.
//
// An idle process gives the dead Gs' stacks back, once, and then sleeps for good.
void deep_sleep() {
  bool trimmed = false;
  sysmon_deep.store_seq_cst(1);                                                // [sysmon.deep]
  fence_seq_cst();                                                             // [sysmon.deep]
  while (sysmon_deep.load_seq_cst() == 1 && nothing_to_do() &&                 // [sysmon.deep]
         sig_undelivered.load_seq_cst() == 0 && kicked.load_seq_cst() == 0) {  // [sysmon.deep]
    const int64_t until = os::nanotime() + kTrimEvery;
    os::futex_sleep(sysmon_deep.raw(), 1, trimmed ? -1 : kTrimEvery);
    if (trimmed || os::nanotime() < until) break;
    gtrim(true);
    trimmed = true;
  }
  sysmon_deep.store_relaxed(0);
}

void trim_now_and_again(int64_t now) {
  static int64_t next = 0;
  if (now < next) return;
  next = now + kTrimEvery;
  gtrim(false);
}

}  // namespace

void sysmon_kick() {
  kicked.store_seq_cst(1);  // [sysmon.deep]
  os::futex_wake(kicked.raw(), 1);
  sysmon_wake();
}

void sysmon_wake() {
  if (sysmon_deep.exchange_seq_cst(0) != 0) os::futex_wake(sysmon_deep.raw(), 1);  // [sysmon.deep]
}

void sysmon_main() {
  int64_t sleep_ns = kMinSleep;
  int idle_rounds = 0;
  int still_rounds = 0;
  uint64_t ticks = 0;
  int64_t next_trace = 0;
  for (;;) {
    os::futex_sleep(kicked.raw(), 0, sleep_ns);
    if (GS_UNLIKELY(kicked.load_relaxed() != 0)) {  // relaxed: the exchange orders
      kicked.exchange_seq_cst(0);                   // [sysmon.deep]
      newm_asked_for();
    }
    const int64_t now = os::nanotime();
    sched.coarse_now.store_relaxed(now);
    if (debug.schedtrace > 0 && now >= next_trace) {
      next_trace = now + debug.schedtrace * 1000000;
      schedtrace_line();
    }
    if (debug.invariants != 0) check_invariants();
    poll_if_late(now);
    run_late_timers(now);
    help_if_stuck(now);
    trim_now_and_again(now);
    if (sig_undelivered.load_relaxed() != 0) {  // relaxed: a hint; who adds one wakes us
      signal_ops.poke();
      if (sleep_ns > kPokeAgain) sleep_ns = kPokeAgain;
    }
    if (retake_all(now)) {
      idle_rounds = 0;
      sleep_ns = kMinSleep;
    } else if (++idle_rounds > 50 && sleep_ns < kMaxSleep) {
      sleep_ns = sleep_ns * 2 < kMaxSleep ? sleep_ns * 2 : kMaxSleep;
    }
    const uint64_t t = total_ticks();
    still_rounds = t == ticks && nothing_to_do() ? still_rounds + 1 : 0;
    ticks = t;
    if (still_rounds == kStillRounds) check_deadlock();
    if (still_rounds > kStillRounds && debug.schedtrace == 0) {
      deep_sleep();
      still_rounds = 0;
      idle_rounds = 0;
      sleep_ns = kMinSleep;
    }
  }
}

}  // namespace goshim
