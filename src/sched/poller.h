// What the scheduler needs of a network poller. netpoll fills it in (netpoll_init); until then there is none.
//
// Only one M may block in poll() at a time; the scheduler's sched.polling word sees to that. Non-blocking calls may
// run beside it.
#pragma once

#include <stdint.h>

#include "sched/park.h"

namespace goshim {

struct Poller {
  // Collects the Gs whose fds became ready into `out` (already claimed). delay_ns: 0 do not block, < 0 block for
  // ever, else at most that long (never less precise than 1 ms above it). Runs on g0 or sysmon.
  void (*poll)(int64_t delay_ns, GList& out) = nullptr;
  // Makes a poll() that blocks return early. Any context.
  void (*wake)() = nullptr;
};

extern Poller poller;

// poller.poll(), counted in sched.polls and sched.polled.
void poll_counted(int64_t delay_ns, GList& out);

// To be called once by netpoll when `poller` is filled in.
void poller_ready();

}  // namespace goshim
