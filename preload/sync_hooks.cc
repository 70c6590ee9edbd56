#include "preload/sync_hooks.h"

#include "sched/park.h"
#include "sched/sched.h"
#include "sched/signals.h"
#include "thread/signal.h"

namespace goshim {

namespace {

void test_cancel() {
  if (signal_g() != nullptr) {
    check_cancel();
  } else {
    pthread_testcancel();
  }
}

int libc_lock(pthread_mutex_t* m) {
  KernelOwner owner(m);
  return by_libc([m] { return real.pthread_mutex_lock(m); });
}

constexpr sync::LibcMutex kLibcMutex = {&libc_lock, &libc_unlock};

}  // namespace

int libc_unlock(pthread_mutex_t* m) {
  KernelOwner owner(m);
  return real.pthread_mutex_unlock(m);
}

int libc_trylock(pthread_mutex_t* m) {
  KernelOwner owner(m);
  return real.pthread_mutex_trylock(m);
}

// Main has the kernel's number of its first thread, whose robust list the kernel knows; but where the kernel itself writes
// or asks for the owner, it means the thread that main runs on now.
void KernelOwner::begin(bool priorities) {
  G* gp = signal_g();
  if (gp == nullptr || (gp->goid == 1 && !priorities)) return;
  wire_self();
  gp_ = gp;
  tcb_set_tid(gp->tcb, gp->m->tid.load_relaxed());
}

void KernelOwner::end() { tcb_set_tid(gp_->tcb, gp_->tid); }

int cond_wait_until(pthread_cond_t* c, pthread_mutex_t* m, clockid_t clock,
                    const timespec* abstime) {
  test_cancel();
  sync::Cond* cond = sync::as_cond(c);
  const int error = abstime == nullptr
                        ? sync::cond_wait(cond, m, sync::Deadline::never(), kLibcMutex)
                        : sync::cond_timedwait(cond, m, clock, abstime, kLibcMutex);
  if (error != sync::kCondCancelled) return error;
  test_cancel();
  return 0;  // not to be cancelled after all: a wake-up for nothing, which POSIX allows
}

int sem_wait_until(sem_t* s, clockid_t clock, const timespec* abstime) {
  if (signal_g() != nullptr) {
    call_begins();
  } else {
    pthread_testcancel();
  }
  sync::Sem* sem = sync::as_sem(s);
  for (;;) {
    const int error = abstime == nullptr ? sync::sem_acquire(sem, sync::Deadline::never())
                                         : sync::sem_timed_acquire(sem, clock, abstime);
    if (error != sync::kSemCancelled) return error;
    test_cancel();
  }
}

}  // namespace goshim
