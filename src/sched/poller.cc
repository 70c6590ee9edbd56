// The poller of a process that waits for no fd yet: a futex to sleep on until the next timer.
#include "sched/poller.h"

#include "base/atomic.h"
#include "os/futex.h"
#include "sched/sched.h"

namespace goshim {

namespace {

// 1: wake() was called since the last poll().
constinit Atomic<uint32_t> woken;

void futex_poll(int64_t delay_ns, GList&) {
  if (delay_ns != 0 && woken.load_acquire() == 0) {  // [poller.woken]
    os::futex_sleep(woken.raw(), 0, delay_ns);
  }
  woken.exchange_acq_rel(0);  // [poller.woken]
}

void futex_poll_wake() {
  woken.store_release(1);  // [poller.woken]
  os::futex_wake(woken.raw(), 1);
}

}  // namespace

constinit Poller poller = {&futex_poll, &futex_poll_wake};

void poll_counted(int64_t delay_ns, GList& out) {
  poller.poll(delay_ns, out);
  sched.polls.fetch_add_relaxed(1);
  sched.polled.fetch_add_relaxed(static_cast<uint64_t>(out.size()));
}

// An M may still sleep in the old poller.
void poller_ready() { futex_poll_wake(); }

}  // namespace goshim
