// Ms: made, woken, put to sleep.
#include <sched.h>
#include <signal.h>

#include "arch/amd64/clone.h"
#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "base/log.h"
#include "base/perturb.h"
#include "base/slab.h"
#include "os/clock.h"
#include "os/memory.h"
#include "sched/poller.h"
#include "sched/sanitizer.h"
#include "sched/sched.h"
#include "sched/spinning.h"
#include "sched/tls.h"
#include "sched/trace.h"

namespace goshim {

namespace {

constexpr size_t kG0Stack = 64 << 10;

}  // namespace

constinit MLock creds_lock{LockRank::kCreds};
constinit Atomic<uint32_t> creds_seq;

namespace {

constinit Slab<M> m_slab;
constinit Slab<G> g0_slab;

void be_ordinary(M* mp) {
  mp->made_by_wired = false;
  const int param = 0;
  os::sys(SYS_sched_setscheduler, 0, SCHED_OTHER, &param);
  os::sys(SYS_sched_setaffinity, 0, sizeof sched.cpus, static_cast<uint64_t*>(sched.cpus));
}

void mstart(void* arg) {
  auto* mp = static_cast<M*>(arg);
  // What it inherits is the mask of the G that happened to run when it was made.
  os::sys(SYS_rt_sigprocmask, SIG_SETMASK, &kMMask, nullptr, 8);
  mp->sig_env = 0;
  mp->sig_kmask = kMMask;
  mp->sig_stack = SigStack();
  mp->sig_interrupted.store_relaxed(0);
  tls_g = mp->g0;
  // tid: stored by clone into the M before the thread runs.
  tcb_set_tid(mp->g0->tcb, mp->tid.load_relaxed());
  if (mp->firstg != nullptr) {
    G* gp = mp->firstg;
    mp->firstg = nullptr;
    run_wired(mp, gp);
  }
  if (mp->made_by_wired) be_ordinary(mp);
  GS_TRACE(mp, m_start, 0, static_cast<uint64_t>(mp->tid.load_relaxed()));
  if (mp->nextp != nullptr) {
    acquirep(mp, mp->nextp);
    mp->nextp = nullptr;
  }
  schedule_loop(mp);
}

GS_COLD void warn_cap(const char* why, long n) {
  Log() << why << " (" << n << "); threads queue for the Ms there are";
}

}  // namespace

// An M with g0 and TCB, not on any list, no thread. nullptr when memory is exhausted. Also used for the first M.
M* mnew() {
  const size_t tls = os::round_up(tls_block_size() + tls_block_align(), os::kPage);
  auto* mem = static_cast<char*>(os::map_pages(os::kPage + kG0Stack + tls));
  if (mem == nullptr) return nullptr;
  os::install_guard(mem, os::kPage);
  M* mp = m_slab.alloc();
  G* g0 = g0_slab.alloc();
  if (mp == nullptr || g0 == nullptr) return nullptr;
  char* block_hi = mem + os::kPage + kG0Stack + tls;
  g0->kind = GKind::kG0;
  g0->tcb = tcb_make_g0(block_hi, 0);
  g0->stack.stack_lo = mem + os::kPage;
  g0->stack.stack_hi = mem + os::kPage + kG0Stack;
  g0->m = mp;
  set_g_of_tcb(g0->tcb, g0);
  mp->g0 = g0;
  mp->rand.s ^= reinterpret_cast<uintptr_t>(mp);

  MLockGuard g(sched.lock);
  mp->id = sched.next_mid++;
  mp->all_link = sched.allm;
  sched.allm = mp;
  return mp;
}

namespace {

// An M whose thread has gone for good: its stack is free.
M* mreuse() {
  MLockGuard g(sched.lock);
  for (M** link = &sched.mdead; *link != nullptr; link = &(*link)->idle_link) {
    M* mp = *link;
    // relaxed: the kernel clears it after the thread's last instruction, and clone is a barrier
    if (mp->tid.load_relaxed() != 0) continue;
    *link = mp->idle_link;
    mp->idle_link = nullptr;
    return mp;
  }
  return nullptr;
}

// An M to be started; null: no memory.
M* mget() {
  M* mp = mreuse();
  if (mp == nullptr) mp = mnew();
  if (mp == nullptr) return nullptr;
  mp->wired = mp->odd = mp->forked = mp->made_by_wired = false;
  return mp;
}

// Makes mp's kernel thread, a copy of the calling one. A tid or -errno.
long make_thread(M* mp) {
  MLockGuard g(creds_lock);
  mp->creds.store_relaxed(creds_seq.load_relaxed());  // relaxed: written under the lock
#if defined(GS_TSAN)
  return sanitizer_start_m(mp, &mstart);
#else
  return clone_thread(&mstart, mp, mp->g0->stack.stack_hi, mp->g0->tcb, mp->tid.raw());
#endif
}

void not_made(M* mp, long err) {
  sched.mcount.fetch_sub_relaxed(1);
  MLockGuard g(sched.lock);
  if (!sched.mcap_warned) {
    sched.mcap_warned = true;
    warn_cap("no more kernel threads to be had, error", -err);
  }
  if (mp == nullptr) return;
  mp->nextp = nullptr;
  mp->firstg = nullptr;
  mp->spinning = false;
  mp->idle_link = sched.mdead;
  sched.mdead = mp;
}

// What the calling thread has of its own would be inherited.
bool is_no_model() {
  const G* self = getg();
  return self != nullptr && (self->kind == GKind::kForeign || (self->m != nullptr && self->m->odd));
}

// Starts a new kernel thread for pp. False: at the cap, unless it may be beyond, or the kernel refused.
bool newm(P* pp, bool spinning, bool beyond_cap = false) {
  // Counted before it is there: the new M may make the next one before its maker runs again.
  if (sched.mcount.fetch_add_relaxed(1) >= options.maxms && !beyond_cap) {
    sched.mcount.fetch_sub_relaxed(1);
    MLockGuard g(sched.lock);
    if (!sched.mcap_warned) {
      sched.mcap_warned = true;
      warn_cap("GOSHIM_MAXMS reached", options.maxms);
    }
    return false;
  }
  M* mp = mget();
  if (mp == nullptr) {
    not_made(nullptr, -ENOMEM);
    return false;
  }
  mp->nextp = pp;
  mp->spinning = spinning;
  if (GS_UNLIKELY(is_no_model())) {
    {
      MLockGuard g(sched.lock);
      mp->idle_link = sched.newm;
      sched.newm = mp;
    }
    sysmon_kick();
    return true;
  }
  const G* self = getg();
  mp->made_by_wired = self != nullptr && self->m != nullptr && self->m->wired;
  const long err = make_thread(mp);
  if (err < 0) not_made(mp, err);
  return err >= 0;
}

// No thread for this P: it waits on the idle list, and its queue becomes everybody's. An M that waits in the poller comes
// for it; those that are blocked find it when they come back.
void no_m_for(P* pp, bool spinning) {
  if (spinning) sched.nmspinning.fetch_sub_seq_cst(1);  // [spin.dekker]
  GList queue;
  while (G* gp = pp->runq.get()) queue.push_back(gp);
  globrunqput_batch(queue);
  {
    MLockGuard g(sched.lock);
    pidleput(pp);
  }
  fence_seq_cst();                                       // [timer.dekker]
  if (sched.polling.load_relaxed() != 0) poller.wake();  // relaxed: ordered by the fence
}

}  // namespace

void newm_asked_for() {
  for (;;) {
    M* mp;
    {
      MLockGuard g(sched.lock);
      mp = sched.newm;
      if (mp == nullptr) return;
      sched.newm = mp->idle_link;
      mp->idle_link = nullptr;
    }
    P* pp = mp->nextp;
    const bool spinning = mp->spinning;
    const long err = make_thread(mp);
    if (err >= 0) continue;
    not_made(mp, err);
    no_m_for(pp, spinning);
  }
}

void startm_beyond_cap() {
  P* pp;
  {
    MLockGuard g(sched.lock);
    pp = pidleget();
  }
  if (pp != nullptr && !newm(pp, false, true)) no_m_for(pp, false);
}

bool m_for_an_idle_p() {
  // relaxed: hints; a P for which none comes after all is on the idle list again
  if (sched.mcount.load_relaxed() < options.maxms || sched.polling.load_relaxed() != 0) return true;
  MLockGuard g(sched.lock);
  return sched.nmidle > 0;
}

bool newproc_wired(G* gp) {
  newproc_prepare(gp);
  gp->kind = GKind::kWired;
  gp->set_status(GStatus::kRunnable);
  sched.mcount.fetch_add_relaxed(1);
  M* mp = mget();
  long err = -ENOMEM;
  if (mp != nullptr) {
    mp->wired = mp->odd = true;
    mp->firstg = gp;
    err = make_thread(mp);
  }
  if (err >= 0) return true;
  not_made(mp, err);
  gp->kind = GKind::kNormal;
  sched.gcount.fetch_sub_relaxed(1);
  return false;
}

void startm(P* pp, bool spinning) {
  M* mp;
  {
    MLockGuard g(sched.lock);
    if (pp == nullptr) {
      pp = pidleget();
      if (pp == nullptr) {
        // The caller counted a spinning M that will not come.
        if (spinning) sched.nmspinning.fetch_sub_seq_cst(1);  // [spin.dekker]
        return;
      }
    }
    mp = sched.midle;
    if (mp != nullptr) {
      sched.midle = mp->idle_link;
      sched.nmidle--;
    }
  }
  if (mp == nullptr) {
    if (!newm(pp, spinning)) no_m_for(pp, spinning);
    return;
  }
  mp->next_spinning = spinning;
  mp->nextp = pp;
  sched.wakeups.fetch_add_relaxed(1);
  mp->park.wake();
}

void mexit(M* mp) {
  GS_CHECK(mp->p == nullptr && !mp->spinning, "mexit: M holds a P or spins");
  // The first thread is the process's face (/proc/PID): it stays, asleep.
  if (mp->tid.load_relaxed() == os::getpid()) {
    Note never;
    for (;;) never.sleep();
  }
  {
    MLockGuard g(sched.lock);
    mp->idle_link = sched.mdead;
    sched.mdead = mp;
  }
  sched.mcount.fetch_sub_relaxed(1);
  for (;;) os::sys(SYS_exit, 0);
}

namespace {

// So many idle Ms stay for ever; more of them end when nobody has needed them for a while.
constexpr int32_t kIdleMs = 8;
constexpr int64_t kIdleTime = 5'000'000'000;

bool leave_idle_list(M* mp) {
  MLockGuard g(sched.lock);
  for (M** link = &sched.midle; *link != nullptr; link = &(*link)->idle_link) {
    if (*link != mp) continue;
    *link = mp->idle_link;
    sched.nmidle--;
    return true;
  }
  return false;
}

}  // namespace

void stopm(M* mp) {
  GS_CHECK(mp->p == nullptr && !mp->spinning, "stopm: M holds a P or spins");
  mp->park.clear();
  bool spare;
  {
    MLockGuard g(sched.lock);
    // A P may have become idle with work in it since we looked; then we are the M it needs.
    if (sched.globrunq_size.load_relaxed() > 0 &&
        sched.pidle != nullptr) {  // relaxed: under the lock
      acquirep(mp, pidleget());
      return;
    }
    mp->idle_link = sched.midle;
    sched.midle = mp;
    spare = ++sched.nmidle > kIdleMs && !mp->forked;
  }
  GS_PERTURB("stopm.before_sleep");
  GS_TRACE(mp, m_park, 0, 0);
  const int64_t since = os::nanotime();
  if (!spare) {
    mp->park.sleep();
  } else if (!mp->park.sleep_for(kIdleTime)) {
    if (leave_idle_list(mp)) mexit(mp);
    mp->park.sleep();  // somebody has taken us off the list and is about to wake us
  }
  if (os::nanotime() - since < kSleepCost) count_short_sleep(mp);
  acquirep(mp, mp->nextp);
  GS_TRACE(mp, m_unpark, 0, static_cast<uint64_t>(mp->p->id));
  mp->nextp = nullptr;
  mp->spinning = mp->next_spinning;
}

void mstart_after_fork_child() {
  creds_lock.reset_after_fork();
  m_slab.reset_after_fork();
  g0_slab.reset_after_fork();
}

void wakep() {
  fence_seq_cst();                               // [spin.dekker] a CAS that fails orders nothing
  if (sched.npidle.load_seq_cst() == 0) return;  // [spin.npidle]
  int32_t zero = 0;
  if (!sched.nmspinning.cas_seq_cst(zero, 1)) return;  // [spin.dekker]
  startm(nullptr, true);
}

void resetspinning(M* mp) {
  if (!mp->spinning) return;
  mp->spinning = false;
  sched.nmspinning.fetch_sub_seq_cst(1);  // [spin.dekker]
  fence_seq_cst();                        // [spin.dekker] the caller looks for more work
}

void ready_wake(M* mp) {
  P* pp = mp->p;
  // Ours to fill: thieves can only make it shorter.
  if (pp->runq.size() <= 1) {
    const uint32_t n = pp->lone_wakes.load_relaxed();  // relaxed: a hint
    if (GS_LIKELY(n == 0) || sched.npidle.load_relaxed() == 0) return;
    pp->lone_wakes.store_relaxed(n - 1);
  }
  fence_seq_cst();  // [spin.dekker]
  // relaxed: ordered by the fence
  if (sched.npidle.load_relaxed() == 0 || sched.nmspinning.load_relaxed() != 0) return;
  wakep();
}

}  // namespace goshim
