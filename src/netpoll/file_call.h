// A plain call on a file, which may block its M.
//
// Most find what they need in the page cache; some wait for the disk, each time: O_DSYNC, O_DIRECT, a slow file system.
// What the last call on a descriptor did is what the next one is taken to do, and one that waits gives its P away at once.
#pragma once

#include "netpoll/fd_table.h"
#include "os/clock.h"
#include "sched/sched.h"
#include "sched/syscall.h"

namespace goshim {

// A call that takes longer is taken for one that sleeps.
constexpr int64_t kDiskWait = 50 * 1000;

template <typename F>
inline long file_call(FdEntry* e, F call) {
  if (e == nullptr || e->kind.load_relaxed() != FdKind::kFile) return blocking_call(call);
  const bool waits = e->has(FdEntry::kWaits);
  // sysmon's clock is a load, and shows a long call soon enough: with every one that lasts, or every few. That it may
  // move during a short one does no harm, as who is taken to wait is timed.
  const auto now = [&] { return waits ? os::nanotime() : sched.coarse_now.load_relaxed(); };
  int64_t took = 0;
  const long r = blocking_call(
      [&] {
        const int64_t start = now();
        const long res = call();
        took = now() - start;
        return res;
      },
      waits);
  const bool has_waited = took > kDiskWait;
  if (GS_UNLIKELY(has_waited != waits)) {
    if (waits)
      e->clear(FdEntry::kWaits);
    else
      e->set(FdEntry::kWaits);
  }
  return r;
}

}  // namespace goshim
