// The loop: schedule(), execute(), find_runnable() and its order of sources. See sched.h and spinning.h.
#include "arch/amd64/context.h"
#include "base/perturb.h"
#include "os/clock.h"
#include "os/cpu.h"
#include "sched/cpu_clock.h"
#include "sched/poller.h"
#include "sched/sanitizer.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "sched/spinning.h"
#include "sched/tls.h"
#include "sched/trace.h"

namespace goshim {

namespace {

// Takes a share of the global queue: one G to run, the rest into the P's own queue.
G* globrunqget(P* pp, int32_t max) GS_REQUIRES(sched.lock) {
  int32_t n = sched.globrunq.size();
  if (n == 0) return nullptr;
  const int32_t share = n / sched.nprocs.load_relaxed() + 1;  // relaxed: under the lock
  if (n > share) n = share;
  if (max > 0 && n > max) n = max;
  if (n > static_cast<int32_t>(kRunqLen / 2)) n = kRunqLen / 2;
  G* gp = sched.globrunq.pop_front();
  GList overflow;
  for (int32_t i = 1; i < n; i++) pp->runq.put(sched.globrunq.pop_front(), false, overflow);
  sched.globrunq.append(overflow);
  sched.globrunq_size.store_relaxed(sched.globrunq.size());  // relaxed: written under the lock
  return gp;
}

G* globrunqget_unlocked(P* pp, int32_t max) {
  if (sched.globrunq_size.load_relaxed() == 0)
    return nullptr;  // relaxed: a hint, re-read under the lock
  MLockGuard g(sched.lock);
  return globrunqget(pp, max);
}

// Reading the clock is a tenth of a switch. A timer further away than this need not be compared with the exact time: the
// coarse one is late by 10 ms at most, or sysmon itself is late, and it runs late timers.
constexpr int64_t kFarAway = 50 * 1000 * 1000;

bool has_near_timer(const P* pp) {
  const int64_t when = pp->timers.next_when.load_relaxed();                     // relaxed: a hint
  return when != kNever && when - sched.coarse_now.load_relaxed() <= kFarAway;  // relaxed: as above
}

void check_timers(P* pp, int64_t* now) {
  if (!has_near_timer(pp)) return;
  if (*now == 0) *now = os::nanotime();
  // relaxed: a hint
  if (pp->timers.next_when.load_relaxed() <= *now) timers_run(&pp->timers, *now);
}

// Once in so many turns the global queue comes first, or two Gs that ready each other could starve it.
bool is_global_turn(const P* pp) {
  return pp->schedtick.load_relaxed() % 61 == 0;  // relaxed: its holder's counter
}

// Looks through all Ps in random order; a few rounds, the last one also for hot slots and other Ps' timers.
G* stealwork(M* mp, int64_t* now) {
  constexpr int kRounds = 4;
  P* pp = mp->p;
  const auto n = static_cast<uint32_t>(sched.nallp.load_acquire());  // [sched.allp]
  for (int round = 0; round < kRounds; round++) {
    const bool last = round == kRounds - 1;
    const uint32_t start = mp->rand.below(n);
    for (uint32_t i = 0; i < n; i++) {
      P* victim = sched.allp[(start + i) % n];
      if (victim == pp) continue;
      if (last) {
        check_timers(victim, now);
        if (G* gp = pp->runq.get()) return gp;  // a timer of theirs readied it here
      }
      if (G* gp = pp->runq.steal(victim->runq, last)) {
        sched.steals.fetch_add_relaxed(1);
        GS_TRACE(mp, p_steal, gp->goid, trace_two(pp->id, victim->id));
        return gp;
      }
    }
    if (n == 1) break;
  }
  return nullptr;
}

bool any_work() {
  if (sched.globrunq_size.load_relaxed() > 0)
    return true;  // relaxed: ordered by the caller's seq_cst operation
  const int32_t n = sched.nallp.load_acquire();  // [sched.allp]
  for (int32_t i = 0; i < n; i++) {
    if (!sched.allp[i]->runq.is_empty()) return true;
  }
  return false;
}

bool acquire_idle_p(M* mp) {
  MLockGuard g(sched.lock);
  P* pp = pidleget();
  if (pp == nullptr) return false;
  acquirep(mp, pp);
  return true;
}

// Without a P: waits in the poller, if nobody else does, until events come or a timer is due. Returns a G to run
// (then the M holds a P), or nullptr: then the M may or may not hold a P.
G* block_in_poller(M* mp) {
  uint32_t zero = 0;
  if (!sched.polling.cas_seq_cst(zero, 1)) {  // [timer.dekker]
    return nullptr;
  }
  int64_t until = timers_next();
  for (;;) {
    sched.poll_until.store_relaxed(until);  // relaxed: ordered by the fence
    fence_seq_cst();                        // [timer.dekker]
    const int64_t again = timers_next();
    if (again >= until) break;
    until = again;
  }
  // Work may have been submitted by somebody who saw us neither spinning nor polling.
  int64_t delay = -1;
  if (until != kNever) {
    delay = until - os::nanotime();
    if (delay < 0) delay = 0;
  }
  if (any_work()) delay = 0;
  GS_PERTURB("find_runnable.before_poll");
  GList list;
  GS_TRACE(mp, m_poll, 0, static_cast<uint64_t>(delay));
  poll_counted(delay, list);
  GS_TRACE(mp, m_polled, 0, static_cast<uint64_t>(list.size()));
  sched.polling.store_seq_cst(0);  // [timer.dekker]
  const int64_t now = os::nanotime();
  sched.last_poll.store_relaxed(now);
  sched.coarse_now.store_relaxed(now);  // sysmon may have slept as long as we have

  if (!acquire_idle_p(mp)) {
    goready_all(list);
    return nullptr;
  }
  G* gp = list.pop_front();
  goready_all(list);
  return gp;
}

void start_spinning(M* mp) {
  if (mp->spinning) return;
  mp->spinning = true;
  sched.nmspinning.fetch_add_seq_cst(1);  // [spin.dekker]
}

// The fast sources. Needs a P.
G* find_local(M* mp, int64_t* now) {
  P* pp = mp->p;
  check_timers(pp, now);
  if (is_global_turn(pp)) {
    if (G* gp = globrunqget_unlocked(pp, 1)) return gp;
  }
  if (G* gp = pp->runq.get()) return gp;
  return globrunqget_unlocked(pp, 0);
}

// Gives the P up. Returns false when work turned up at the last moment (the P is kept).
bool give_up_p(M* mp, G** gp) {
  {
    MLockGuard g(sched.lock);
    *gp = globrunqget(mp->p, 0);
    if (*gp != nullptr) return false;
    pidleput(releasep(mp));
  }
  // [spin.dekker], right column.
  const bool was_spinning = mp->spinning;
  if (was_spinning) {
    mp->spinning = false;
    sched.nmspinning.fetch_sub_seq_cst(1);  // [spin.dekker]
  }
  fence_seq_cst();  // [spin.dekker]
  if (any_work() && acquire_idle_p(mp)) {
    if (was_spinning) start_spinning(mp);
    return false;
  }
  return true;
}

// There are to be fewer Ps, and ours is one of those that go.
GS_COLD void give_up_surplus(M* mp) {
  if (mp->spinning) {
    mp->spinning = false;
    sched.nmspinning.fetch_sub_seq_cst(1);  // [spin.dekker] retirep() sends somebody else
  }
  retirep(releasep(mp));
}

// Work turned up while mp, which spins and found none, looked on for as long as it costs to be put to sleep and woken. It
// does so only as often as its sleeps were shorter than that: see spinning.h.
bool spin_on(M* mp) {
  if (!mp->spinning || mp->short_sleeps == 0) return false;
  const int64_t until = os::nanotime() + kSleepCost;
  do {
    // Not without a pause: each look takes the lines of the queues from those who fill them.
    os::procyield(8);
    if (any_work()) {
      count_short_sleep(mp);
      return true;
    }
  } while (os::nanotime() < until);
  mp->short_sleeps--;
  return false;
}

// A G to run. Entered with or without a P; returns with one.
G* find_runnable(M* mp) {
  for (;;) {
    if (mp->p == nullptr) {
      stopm(mp);
      continue;
    }
    if (GS_UNLIKELY(is_surplus(mp->p))) {
      give_up_surplus(mp);
      continue;
    }
    int64_t now = 0;
    if (G* gp = find_local(mp, &now)) return gp;
    // At most half as many spinners as busy Ps: they cost more than they find otherwise.
    if (mp->spinning || 2 * sched.nmspinning.load_relaxed() <  // relaxed: a heuristic
                            sched.nprocs.load_relaxed() - sched.npidle.load_relaxed()) {
      start_spinning(mp);
      if (G* gp = stealwork(mp, &now)) return gp;
    }
    if (spin_on(mp)) continue;
    G* gp = nullptr;
    if (!give_up_p(mp, &gp)) {
      if (gp != nullptr) return gp;
      continue;
    }
    gp = block_in_poller(mp);
    if (gp != nullptr) return gp;
    if (mp->p == nullptr) {
      stopm(mp);
    } else {
      start_spinning(mp);
    }
  }
}

// With a thousand Gs, each that comes up has gone cold: its G, its TCB, its stack from the program's own frame down to
// where it waits (in recv 750 bytes) and a little deeper, where it looks for the next G when it waits again: some twenty
// cache lines and three translations that nobody has touched for a millisecond. The queue says who is next, so they can be
// on their way while the present one runs. The reads race with a thief's M that runs the same G; a stale value costs a
// useless prefetch.
[[gnu::always_inline]] inline void prefetch_lines(const void* p, int n) {
  for (int i = 0; i < n; i++) __builtin_prefetch(static_cast<const char*>(p) + 64 * i);
}

// Around the saved context; all that there is above it brought no more.
constexpr int kDeeperLines = 4;
constexpr int kFrameLines = 8;

GS_NO_TSAN void prefetch_next(const P* pp) {
  if (const G* soon = pp->runq.peek(1)) prefetch_lines(soon, 2);
  if (const G* next = pp->runq.peek(0)) {
    prefetch_lines(static_cast<const char*>(next->ctx) - 64 * kDeeperLines,
                   kDeeperLines + kFrameLines);
    prefetch_lines(next->tcb, 1);
    prefetch_lines(tls_g_of_tcb(next->tcb), 1);
  }
}

// Starts gp on mp and leaves its P behind in syscall state.
void prepare_run(M* mp, G* gp) {
  P* pp = mp->p;
  gp->m = mp;
  mp->curg.store_relaxed(gp);
  gp->set_status(GStatus::kSyscall);
  GS_TRACE(mp, go_start, gp->goid, pp != nullptr ? static_cast<uint64_t>(pp->id) : UINT64_MAX);
  if (GS_UNLIKELY(gp->sig_env != mp->sig_env)) signal_ops.install(mp, gp);
  if (GS_UNLIKELY(gp->cpu_counted.load_relaxed()))
    cpu_clock_start(gp);  // relaxed: a flag for later
  if (pp == nullptr) return;
  pp->schedtick.store_relaxed(pp->schedtick.load_relaxed() + 1);  // relaxed: one writer at a time
  prefetch_next(pp);
  entersyscall(mp);
}

// Between gp and the next one there is work for g0. The P need not be in our hands: a hint.
bool g0_must_look(const P* pp, const G* gp) {
  return is_global_turn(pp) || has_near_timer(pp) ||
         gp->cpu_counted.load_relaxed();  // relaxed: a flag for later
}

// gp can come up on mp without g0.
bool comes_up_as_it_is(const M* mp, const G* gp) {
  return gp->sig_env == mp->sig_env &&
         !gp->cpu_counted.load_relaxed();  // relaxed: a flag for later
}

// On gp, which parks: the G to run next, with the P then in its M's hands. nullptr: g0 must look, because there is more to
// do than to take the next from the queue.
G* next_at_hand(M* mp, const G* gp) {
  P* pp = mp->p;
  if (pp == nullptr || pp->runq.size() == 0 || g0_must_look(pp, gp)) return nullptr;
  if (!exitsyscall_fast(mp)) return nullptr;
  G* next = pp->runq.get();
  if (GS_LIKELY(next != nullptr && comes_up_as_it_is(mp, next))) return next;
  if (next != nullptr) {
    GList overflow;
    pp->runq.put(next, true, overflow);
    if (!overflow.is_empty()) globrunqput_batch(overflow);
  }
  entersyscall(mp);
  return nullptr;
}

// On gp, which has ended: who joins it, claimed, with the P then in their M's hands. nullptr: there is none, or it is
// goexit0's to ready.
G* joiner_at_hand(M* mp, G* gp) {
  G* joiner = thread_ops.joiner(gp);
  if (joiner == nullptr) return nullptr;
  const P* pp = mp->p;
  if (GS_LIKELY(pp != nullptr && !g0_must_look(pp, gp) && comes_up_as_it_is(mp, joiner) &&
                exitsyscall_fast(mp)))
    return gp->schedlink = joiner;
  gp->schedlink = joiner;
  return nullptr;
}

// Back on g0: the G that switched here has its context in `from`. Does what it asked for; returns a G to go on with at
// once (with or without a P), or nullptr.
G* finish_run(M* mp, Context from) {
  G* gp = mp->curg.load_relaxed();  // relaxed: written by this M
  gp->ctx = from;
  if (GS_UNLIKELY(gp->cpu_counted.load_relaxed())) cpu_clock_stop(gp);  // relaxed: as above
  exitsyscall_fast(mp);
  return mp->mcall_fn(mp, gp);
}

void execute(M* mp, G* gp) {
  while (gp != nullptr) {
    prepare_run(mp, gp);
    const Transfer t = switch_to(mp->g0, gp, gp->ctx);
    gp = finish_run(mp, t.fctx);
  }
}

}  // namespace

void schedule_loop(M* mp) {
  for (;;) {
    G* gp = find_runnable(mp);
    if (mp->spinning) {
      resetspinning(mp);
      // The work we found may not be all there is.
      if (any_work()) wakep();
    }
    execute(mp, gp);
  }
}

void run_wired(M* mp, G* gp) {
  wired_begins(gp);
  execute(mp, gp);
  fatal("run_wired: a wired G gave its M back");
}

void g0_entry(Transfer t) {
  GS_BOTTOM_FRAME();
  M* mp = getg()->m;
  execute(mp, finish_run(mp, t.fctx));
  schedule_loop(mp);
}

// Either g0 brought us up, on this or another M, or a G that parks and is not published yet, or has ended and is not known
// to have, since it was on its stack until now.
void switched(Transfer t) {
  G* left = static_cast<G*>(t.data);
  if (left == nullptr) {
    getg()->m->g0_ctx = t.fctx;
    return;
  }
  if (left->get_status() == GStatus::kDead) {
    left->m = nullptr;
    if (left->schedlink == nullptr) thread_ops.exited(left);
    return;  // else that is us, who came for it
  }
  left->ctx = t.fctx;
  if (GS_UNLIKELY(!park_publish(left))) goready(left);
}

void mcall(McallFn fn) {
  G* gp = getg();
  M* mp = gp->m;
  mp->mcall_fn = fn;
  switched(switch_to(gp, mp->g0, mp->g0_ctx));
}

// Mostly the next G is at hand, and g0 would do nothing but take it from the queue. Then this one does it, and switches to
// it straight away: one change of %fs, which is half of the cost of a switch, instead of two. g0 stays where it is.
void mcall_park() {
  G* gp = getg();
  M* mp = gp->m;
  G* next = next_at_hand(mp, gp);
  if (next == nullptr) {
    mcall(&park_m);
    return;
  }
  GS_TRACE(mp, go_park, gp->goid, trace_wait(gp));
  prepare_run(mp, next);
  switched(switch_to(gp, next, next->ctx, gp));
}

G* next_after_exit(G* gp) {
  if (!is_normal(gp)) return nullptr;
  M* mp = gp->m;
  gp->schedlink = nullptr;
  // With others queued the joiner comes after the first of them; its line is left alone until then.
  const bool alone = mp->p == nullptr || mp->p->runq.size() == 0;
  G* next = alone ? joiner_at_hand(mp, gp) : next_at_hand(mp, gp);
  if (next == nullptr) return nullptr;
  GS_TRACE(mp, go_end, gp->goid, 0);
  if (alone) GS_TRACE(mp, go_ready, next->goid, 0);
  gp->set_status(GStatus::kDead);
  GS_PERTURB("next_after_exit.before_switch");
  prepare_run(mp, next);
  return next;
}

void ready_on(M* mp, G* gp, bool next) {
  GS_TRACE(mp, go_ready, gp->goid, 0);
  gp->set_status(GStatus::kRunnable);
  if (mp == nullptr || mp->p == nullptr) {
    globrunqput(gp);
    return;
  }
  GList overflow;
  mp->p->runq.put(gp, next, overflow);
  if (GS_UNLIKELY(!overflow.is_empty())) globrunqput_batch(overflow);
}

void globrunqput(G* gp) {
  MLockGuard g(sched.lock);
  sched.globrunq.push_back(gp);
  sched.globrunq_size.store_relaxed(sched.globrunq.size());  // relaxed: written under the lock
}

void globrunqput_batch(GList& list) {
  MLockGuard g(sched.lock);
  sched.globrunq.append(list);
  sched.globrunq_size.store_relaxed(sched.globrunq.size());  // relaxed: written under the lock
}

}  // namespace goshim
