// <pthread.h>: spin locks. The word is glibc's, which tries it; only the patience is ours: the
// holder may be a G that waits for our P.
#include "sync/spin.h"
#include "preload/sync_hooks.h"

using namespace goshim;

GOSHIM_HOOK(int, pthread_spin_lock)(pthread_spinlock_t* lock) {
  if (disabled()) return real.pthread_spin_lock(lock);
  const auto got_it = [lock] { return pthread_spin_trylock(lock) == 0; };
  if (!got_it()) sync::spin_until(got_it);
  return 0;
}
