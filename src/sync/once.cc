// Waiting for a pthread_once. The one who runs the routine tells us only when it is done; a routine
// that threw says nothing, and one that was running in a forked parent never ends here. So waiters
// look again by themselves, and after a while ask glibc, which knows.
//
//  [once.done]  the routine's effects: glibc's release store of the word -> the acquiring load of
//  everybody else.
#include "sync/once.h"

#include "base/perturb.h"
#include "sync/parking_lot.h"

namespace goshim::sync {

bool once_wait(pthread_once_t* once) {
  constexpr int64_t kFirstLook = 1000 * 1000;
  constexpr int kLooks = 8;  // 1, 2, 4, ... ms: a quarter of a second in all
  const auto is_running = [once](Lot&) {
    const int32_t s = as_atomic(*once).load_relaxed();
    return (s & kOnceDone) == 0 && (s & kOnceRunning) != 0;
  };
  for (int i = 0; i < kLooks && !once_is_done(once); i++) {
    GS_PERTURB("once.before_park");
    Waiter w(WaitReason::kOnce);
    if (park(w, Key::of(once, Kind::kOnce), Deadline::in(kFirstLook << i), is_running).result ==
        ParkResult::kInvalid) {
      break;
    }
  }
  return once_is_done(once);
}

void once_finished(pthread_once_t* once) { unpark(Key::of(once, Kind::kOnce), INT32_MAX); }

}  // namespace goshim::sync
