#include "chan/gotimer.h"

#include <bit>

#include "base/perturb.h"
#include "chan/alloc.h"
#include "chan/goroutine.h"
#include "chan/panic.h"
#include "os/clock.h"
#include "os/futex.h"
#include "os/syscall.h"
#include "sched/sched.h"

// Orders:
//   [gotimer.refs]   each owner's last use is released by its decrement -> the last one acquires them all and frees
//   [timer.starter]  whoever made the starter releases its bell -> those who ring it acquire
//   [timer.bell]     fallback_add releases the new entry -> the fallback thread acquires, or does not sleep

namespace goshim::chan {

namespace {

// ---- functions to start: what fires on a g0 cannot make a goroutine, a goroutine of ours does it

using FuncList = IntrusiveQueue<GoTimer, &GoTimer::next>;

constinit MLock funcs_lock{LockRank::kSlab};
constinit FuncList funcs GS_GUARDED_BY(funcs_lock) = {};
// Rings when something is on the list. Made with the first of them. [timer.starter]
constinit Atomic<hchan*> starter_bell;
constinit Atomic<uint32_t> starter_made;

void put_ref(GoTimer* t) {
  if (t->refs.fetch_sub_acq_rel(1) != 1) return;  // [gotimer.refs]
  chan_unref(t->c);
  t->~GoTimer();
  release(t, sizeof(GoTimer));
}

GoTimer* next_func() {
  MLockGuard g(funcs_lock);
  GoTimer* t = funcs.front();
  if (t == nullptr) return nullptr;
  if (--t->starts == 0) funcs.pop_front();
  return t;
}

void start_func(GoTimer* t) {
  // Without memory for a goroutine it is late for those behind it, rather than not at all.
  if (go(t->fn, t->arg, nullptr, 0) != 0) t->fn(t->arg);
  put_ref(t);
}

void starter(void* bell) {
  for (;;) {
    chanrecv(static_cast<hchan*>(bell), nullptr);
    while (GoTimer* t = next_func()) start_func(t);
  }
}

bool make_starter() {
  if (starter_bell.load_acquire() != nullptr) return true;  // [timer.starter]
  uint32_t no = 0;
  if (!starter_made.cas_relaxed(no, 1)) {
    // Somebody else is about to.
    while (starter_bell.load_acquire() == nullptr &&
           starter_made.load_relaxed() != 0)  // [timer.starter]
      goyield();
    return starter_bell.load_acquire() != nullptr;  // [timer.starter]
  }
  hchan* bell = makechan(0, 1);
  if (bell != nullptr && go(&starter, bell, "timers", 0) == 0) {
    starter_bell.store_release(bell);  // [timer.starter]
    return true;
  }
  chan_unref(bell);
  starter_made.store_relaxed(0);
  return false;
}

// The heap's reference goes with it.
void start_later(GoTimer* t) {
  {
    MLockGuard g(funcs_lock);
    if (t->starts++ == 0) funcs.push_back(t);
  }
  chansend(starter_bell.load_acquire(), nullptr, kNow);  // [timer.starter]
}

// ---- where the runtime cannot start

constinit TimerHeap fallback_heap;
constinit Atomic<uint32_t> fallback_bell;
constinit Atomic<int32_t> fallback_pid;

void fallback_thread(void*) {
  for (;;) {
    const uint32_t bell = fallback_bell.load_acquire();  // [timer.bell]
    const int64_t next = timers_run(&fallback_heap, os::nanotime());
    const int64_t ns = next == kNever ? -1 : next - os::nanotime();
    if (ns != 0 && (ns > 0 || next == kNever)) os::futex_sleep(fallback_bell.raw(), bell, ns);
  }
}

bool fallback_add(Timer* t) {
  const int32_t pid = os::getpid();
  int32_t was = fallback_pid.load_relaxed();  // relaxed: the CAS decides
  if (was != pid && fallback_pid.cas_relaxed(was, pid)) {
    // Or a forked child, which has not got the thread.
    if (ops.kernel_thread(&fallback_thread, nullptr, 0) != 0) {
      fallback_pid.store_relaxed(0);
      return false;
    }
  }
  if (!timer_add_to(&fallback_heap, t)) return false;
  fallback_bell.fetch_add_release(1);  // [timer.bell]
  os::futex_wake(fallback_bell.raw(), 1);
  return true;
}

// ---- arming and firing

void fire(const Due* due, int n);

// Ticks of many tickers come together, or each would wake the process by itself: a tick is put off by up to a sixteenth of
// its period, half a millisecond at most, to where those of others are, too. (Go's are put off to a whole millisecond.)
int64_t together(int64_t due, int64_t period) {
  constexpr int64_t kCoarsest = 1 << 19;
  if (period < 64) return due;
  const auto fine = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(period / 16)));
  const int64_t grid = fine < kCoarsest ? fine : kCoarsest;
  return due > kNever - grid ? due : (due + grid - 1) & ~(grid - 1);
}

// The heap gets a reference.
bool arm(GoTimer* t, int64_t when) GS_REQUIRES(t->lock) {
  t->due = when;
  t->timer.when = together(when, t->period);
  t->timer.fn = &fire;
  t->timer.arg = t;
  t->timer.seq = ++t->gen;
  t->refs.fetch_add_relaxed(1);
  t->armed = true;
  if (arm_timer(&t->timer)) return true;
  t->armed = false;
  t->refs.fetch_sub_relaxed(1);
  return false;
}

// Returns who is to be woken for it, after the send of all that are due: their Gs are on their way to the cache then.
Ticket send_time(hchan* c, int64_t now) {
  Ticket partner = {};
  c->lock.lock();
  // The program may have closed it.
  if (c->closed.load_relaxed() == 0) send_locked(c, &now, &partner);  // relaxed: under the lock
  c->lock.unlock();
  __builtin_prefetch(partner.gp, 1);
  return partner;
}

// The next tick that is not past.
int64_t next_tick(int64_t when, int64_t period, int64_t now) {
  return when + period * (1 + (now > when ? (now - when) / period : 0));
}

Ticket fire_one(GoTimer* t, uint64_t seq, int64_t now) {
  GS_PERTURB("gotimer.fire");
  Ticket partner = {};
  t->lock.lock();
  const bool current = t->armed && t->gen == seq;
  if (current) {
    t->armed = false;
    // Under the lock: after a stop or a reset nothing of before may come.
    if (t->fn == nullptr) partner = send_time(t->c, now);
    if (t->period > 0) {
      GS_CHECK(arm(t, next_tick(t->due, t->period, now)), "ticker: out of memory");
    }
  }
  t->lock.unlock();
  if (!current || t->fn == nullptr) {
    put_ref(t);
  } else if (started()) {
    start_later(t);
  } else {
    start_func(t);
  }
  return partner;
}

// The timers are there; each has its channel, which has its waiter, on a stack that nobody has touched since the last
// tick. Reads without the lock what may change: then it is a useless prefetch.
GS_NO_TSAN void prefetch_waiters(const Due* due, int n) GS_NO_TSA {
  __asm__ volatile("");  // or gcc takes a function that only prefetches for one that does nothing
  for (int i = 0; i < n; i++) __builtin_prefetch(static_cast<GoTimer*>(due[i].arg)->c, 1);
  for (int i = 0; i < n; i++) {
    const hchan* c = static_cast<GoTimer*>(due[i].arg)->c;
    if (c == nullptr) continue;
    const auto* waiter = reinterpret_cast<const char*>(c->recvq.list.front_hint());
    __builtin_prefetch(waiter, 1);
    __builtin_prefetch(waiter + sizeof(sudog) - 1, 1);
  }
}

void fire(const Due* due, int n) {
  prefetch_waiters(due, n);
  const int64_t now = os::nanotime();
  Ticket partners[kMaxDue];
  for (int i = 0; i < n; i++)
    partners[i] = fire_one(static_cast<GoTimer*>(due[i].arg), due[i].seq, now);
  GS_PERTURB("gotimer.before_wake");
  GList ready;
  for (int i = 0; i < n; i++) {
    if (partners[i].gp == nullptr) continue;
    G* gp = partners[i].gp;
    if (claim(partners[i], Wake::kUnparked) != Claim::kParked) continue;
    ready.push_back(gp);
    __builtin_prefetch(gp->tcb);  // the rest of its stack's page has come with the waiter
  }
  goready_all(ready);
}

// True if it was armed.
bool disarm(GoTimer* t) GS_REQUIRES(t->lock) {
  if (!t->armed) return false;
  t->armed = false;
  t->gen++;
  // Gone from the heap already: fire() will find another gen, and drop the reference.
  if (timer_del(&t->timer)) put_ref(t);
  return true;
}

bool forget_sent(GoTimer* t) {
  return t->c != nullptr && chanrecv(t->c, nullptr, kNow) == Op::kDone;
}

GoTimer* timer_make(int64_t ns, int64_t period, bool channel, void (*fn)(void*), void* arg) {
  if (!started() && ops.start != nullptr) ops.start();
  auto* t = make<GoTimer>();
  if (t == nullptr) return nullptr;
  t->fn = fn;
  t->arg = arg;
  {
    MLockGuard g(t->lock);  // for the compiler: nobody else knows it yet
    t->period = period;
  }
  t->is_ticker = period > 0;
  if (channel) t->c = makechan(sizeof(int64_t), 1);
  bool ok = (t->c != nullptr || !channel) && (fn == nullptr || !started() || make_starter());
  if (ok) {
    MLockGuard g(t->lock);
    ok = arm(t, deadline_in(ns));
  }
  if (ok) return t;
  put_ref(t);
  return nullptr;
}

}  // namespace

bool arm_timer(Timer* t) { return started() ? timer_add(t) : fallback_add(t); }

GoTimer* timer_new(int64_t ns, int64_t period) {
  return timer_make(ns, period, true, nullptr, nullptr);
}

GoTimer* timer_func(int64_t ns, void (*fn)(void*), void* arg) {
  return timer_make(ns, 0, false, fn, arg);
}

void timer_unref(GoTimer* t) {
  if (t != nullptr) put_ref(t);
}

bool timer_stop(GoTimer* t) {
  MLockGuard g(t->lock);
  const bool was_armed = disarm(t);
  return forget_sent(t) || was_armed;
}

bool timer_reset(GoTimer* t, int64_t ns) {
  MLockGuard g(t->lock);
  const bool was_armed = disarm(t);
  const bool pending = forget_sent(t) || was_armed;
  if (t->is_ticker) t->period = ns;
  GS_CHECK(arm(t, deadline_in(ns)), "timer_reset: out of memory");
  return pending;
}

hchan* timer_after(int64_t ns) {
  GoTimer* t = timer_new(ns, 0);
  if (t == nullptr) return nullptr;
  hchan* c = t->c;
  chan_ref(c);
  put_ref(t);
  return c;
}

int system_goroutines() { return starter_bell.load_relaxed() != nullptr ? 1 : 0; }

void gotimer_after_fork_child() GS_NO_TSA {
  funcs_lock.reset_after_fork();
  funcs = FuncList();
  starter_bell.store_relaxed(nullptr);
  starter_made.store_relaxed(0);
}

}  // namespace goshim::chan
