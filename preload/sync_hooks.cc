#include "preload/sync_hooks.h"

#include "sched/park.h"
#include "sched/signals.h"

namespace goshim {

namespace {

void test_cancel() {
  if (on_goroutine()) {
    check_cancel();
  } else {
    pthread_testcancel();
  }
}

int libc_lock(pthread_mutex_t* m) {
  return by_libc([m] { return real.pthread_mutex_lock(m); });
}
int libc_unlock(pthread_mutex_t* m) { return real.pthread_mutex_unlock(m); }

constexpr sync::LibcMutex kLibcMutex = {&libc_lock, &libc_unlock};

}  // namespace

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
  test_cancel();
  sync::Sem* sem = sync::as_sem(s);
  for (;;) {
    const int error = abstime == nullptr ? sync::sem_acquire(sem, sync::Deadline::never())
                                         : sync::sem_timed_acquire(sem, clock, abstime);
    if (error != sync::kSemCancelled) return error;
    test_cancel();
  }
}

}  // namespace goshim
