// <pthread.h>: pthread_once. glibc runs the routine, so an exception or a cancellation out of it
// makes it run again.
#include "preload/sync_hooks.h"

using namespace goshim;

GOSHIM_HOOK(int, pthread_once)(pthread_once_t* once, void (*routine)(void)) {
  if (GS_LIKELY(sync::once_is_done(once))) return 0;
  if (!disabled() && sync::once_wait(once)) return 0;
  const int error = real.pthread_once(once, routine);
  if (!disabled()) sync::once_finished(once);
  return error;
}
GOSHIM_EXPORT_AS(__pthread_once, pthread_once);
