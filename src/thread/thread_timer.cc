#include "thread/thread_timer.h"

#include <errno.h>

#include "base/slab.h"
#include "os/syscall.h"
#include "sched/sched.h"
#include "thread/signal.h"

namespace goshim {

namespace {

struct ThreadTimer {
  int id = 0;
  int sig = 0;
  G* gp = nullptr;
  ThreadTimer* next = nullptr;
};

constexpr size_t kBuckets = 64;
constinit MLock lock{LockRank::kThreadTimers};
constinit Slab<ThreadTimer> slab;
constinit ThreadTimer* spare GS_GUARDED_BY(lock) = nullptr;
constinit ThreadTimer* buckets[kBuckets] GS_GUARDED_BY(lock) = {};
constinit Atomic<int32_t> users[64];  // timers of each signal

ThreadTimer** bucket(int id) GS_REQUIRES(lock) {
  return &buckets[static_cast<unsigned>(id) % kBuckets];
}

ThreadTimer* get() {
  MLockGuard g(lock);
  ThreadTimer* t = spare;
  if (t == nullptr) return slab.alloc();
  spare = t->next;
  return t;
}

void put(ThreadTimer* t) {
  MLockGuard g(lock);
  t->next = spare;
  spare = t;
}

}  // namespace

long thread_timer_create(clockid_t clock, const sigevent& event, G* gp) {
  ThreadTimer* t = get();
  if (t == nullptr) return -EAGAIN;
  sigevent to_process = event;
  to_process.sigev_notify = SIGEV_SIGNAL;
  const long r = os::sys(SYS_timer_create, clock, &to_process, &t->id);
  if (r < 0) {
    put(t);
    return r;
  }
  t->sig = event.sigev_signo;
  t->gp = gp;
  users[t->sig - 1].fetch_add_relaxed(1);
  {
    MLockGuard g(lock);
    ThreadTimer** b = bucket(t->id);
    t->next = *b;
    *b = t;
  }
  MLockGuard g(sig_lock);
  sigmask_tell_sigm();
  return t->id;
}

void thread_timer_deleted(int id) {
  MLockGuard g(lock);
  for (ThreadTimer** link = bucket(id); *link != nullptr; link = &(*link)->next) {
    ThreadTimer* t = *link;
    if (t->id != id) continue;
    *link = t->next;
    users[t->sig - 1].fetch_sub_relaxed(1);
    t->next = spare;
    spare = t;
    return;
  }
}

G* thread_timer_target(const siginfo_t& info) {
  if (info.si_code != SI_TIMER) return nullptr;
  MLockGuard g(lock);
  for (ThreadTimer* t = *bucket(info.si_timerid); t != nullptr; t = t->next) {
    if (t->id == info.si_timerid && t->sig == info.si_signo) return t->gp;
  }
  return nullptr;
}

uint64_t thread_timer_signals() {
  uint64_t set = 0;
  for (int i = 0; i < 64; i++) {
    if (users[i].load_relaxed() > 0) set |= sig_bit(i + 1);  // relaxed: a hint until tell_sigm
  }
  return set;
}

// Timers are not inherited.
void thread_timers_after_fork_child() GS_NO_TSA {
  lock.reset_after_fork();
  slab.reset_after_fork();
  spare = nullptr;
  for (ThreadTimer*& b : buckets) b = nullptr;
  for (auto& n : users) n.store_relaxed(0);
}

}  // namespace goshim
