// <semaphore.h>. The waits are cancellation points and end with EINTR.
#include "preload/blocking.h"
#include "preload/sync_hooks.h"
#include "sched/sched.h"
#include "thread/cancel.h"
#include "thread/signal.h"

using namespace goshim;

namespace {

// Before there are Gs a wait is the kernel's: it knows about signals. A post serves both.
bool waits_here(sem_t* s) { return ours(s) && started(); }

template <typename F>
int shared_wait(F wait) {
  for (;;) {
    bool cut;
    const int r = cancellable_by_libc(wait, cut);
    if (!cut) return r;
    check_cancel();
    if (r == 0) return r;
  }
}

}  // namespace

GOSHIM_HOOK(int, sem_wait)(sem_t* s) {
  if (!waits_here(s)) return shared_wait([s] { return real.sem_wait(s); });
  return result<int>(sem_wait_until(s, 0, nullptr));
}

GOSHIM_HOOK(int, sem_timedwait)(sem_t* s, const struct timespec* abstime) {
  if (!waits_here(s)) return shared_wait([=] { return real.sem_timedwait(s, abstime); });
  return result<int>(sem_wait_until(s, CLOCK_REALTIME, abstime));
}

GOSHIM_HOOK(int, sem_clockwait)(sem_t* s, clockid_t clock, const struct timespec* abstime) {
  if (!waits_here(s)) return shared_wait([=] { return real.sem_clockwait(s, clock, abstime); });
  return result<int>(sem_wait_until(s, clock, abstime));
}

GOSHIM_HOOK(int, sem_post)(sem_t* s) {
  if (!ours(s)) return real.sem_post(s);
  return result<int>(sync::sem_release(sync::as_sem(s)));
}

// No cancellation point. libc's own code closes cancellation in its own state only, and the calls
// with which it writes the new file may have been redirected to our hooks.
GOSHIM_HOOK(sem_t*, sem_open)(const char* name, int flags, mode_t mode, unsigned value) {
  if (signal_g() == nullptr) return real.sem_open(name, flags, mode, value);
  const int was = cancel_set_state(PTHREAD_CANCEL_DISABLE);
  sem_t* s = real.sem_open(name, flags, mode, value);
  cancel_set_state(was);
  return s;
}
