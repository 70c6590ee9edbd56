#include "sync/spin.h"

#include "os/clock.h"
#include "sched/park.h"
#include "sched/tls.h"

namespace goshim::sync {

bool spinning_pays() { return others_run(); }

void try_failed() {
  // A microsecond of tries: who has something else to do when it fails seldom gives way.
  constexpr uint8_t kTries = 64;
  G* gp = getg();
  if (gp != nullptr && ++gp->tries_failed % kTries == 0) goyield_if_queued();
}

void spin_until(FunctionRef<bool()> done) {
  constexpr int kYields = 16;
  constexpr int64_t kNap = 50 * 1000;
  for (Spinner s; s.once();) {
    if (done()) return;
  }
  for (int i = 0; i < kYields; i++) {
    goyield();
    if (done()) return;
  }
  while (!done()) gosleep(os::nanotime() + kNap);
}

}  // namespace goshim::sync
