// Sleeping. libc's own sleep and thrd_sleep are never redirected: they end in clock_nanosleep.
#include "preload/blocking.h"
#include "preload/signal_hooks.h"
#include "sched/deadlock.h"
#include "sched/sched.h"
#include "sched/sleep.h"

using namespace goshim;

GOSHIM_HOOK(int, nanosleep)(const struct timespec* req, struct timespec* rem) {
  return fd_io(&Real::nanosleep, SYS_nanosleep, sleep_nano, req, rem);
}
GOSHIM_EXPORT_AS(__nanosleep, nanosleep);

// Returns the error number.
GOSHIM_HOOK(int, clock_nanosleep)
(clockid_t clock, int flags, const struct timespec* req, struct timespec* rem) {
  return as_is(&Real::clock_nanosleep, block_clock, sleep_clock, clock, flags, req, rem);
}

GOSHIM_HOOK(int, timer_create)(clockid_t clock, struct sigevent* event, timer_t* id) {
  if (clock == CLOCK_THREAD_CPUTIME_ID) wire_for_kernel_state();
  deadlock_never();
  G* gp = timer_thread(event);
  return gp != nullptr ? result<int>(create_thread_timer(clock, *event, gp, id))
                       : real.timer_create(clock, event, id);
}

GOSHIM_HOOK(int, timer_delete)(timer_t id) {
  forget_thread_timer(id);
  return real.timer_delete(id);
}

GOSHIM_HOOK(int, timer_getoverrun)(timer_t id) {
  const int r = real.timer_getoverrun(id);
  return r >= 0 ? overrun_delivered(id, r) : r;
}

// Returns what is left of the time.
GOSHIM_HOOK(unsigned, sleep)(unsigned seconds) {
  return as_is(&Real::sleep, real.sleep, sleep_seconds, seconds);
}

GOSHIM_HOOK(int, usleep)(useconds_t us) { return fd_io(&Real::usleep, block_us, sleep_us, us); }

// Returns 0, -1 when interrupted, -2 otherwise.
GOSHIM_HOOK(int, thrd_sleep)(const struct timespec* req, struct timespec* rem) {
  return as_is(&Real::thrd_sleep, real.thrd_sleep, sleep_c11, req, rem);
}
