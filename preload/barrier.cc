// <pthread.h>: barriers. Not cancellation points, never EINTR.
#include "preload/sync_hooks.h"

using namespace goshim;

GOSHIM_HOOK(int, pthread_barrier_wait)(pthread_barrier_t* b) {
  if (!ours(b)) return by_libc([b] { return real.pthread_barrier_wait(b); });
  return sync::barrier_wait(sync::as_barrier(b));
}

GOSHIM_HOOK(int, pthread_barrier_destroy)(pthread_barrier_t* b) {
  // Those released do not come back to it; glibc would wait for its own count of them.
  if (ours(b)) return 0;
  return by_libc([b] { return real.pthread_barrier_destroy(b); });
}
