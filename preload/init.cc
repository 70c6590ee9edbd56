// The constructor: reads the options, finds the clock and libc's functions. Nothing else happens before the first
// pthread_create.
#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "os/clock.h"
#include "preload/api_start.h"
#include "preload/process_hooks.h"
#include "preload/real.h"

namespace {

[[gnu::constructor]] void goshim_init() {
  goshim::options_init();
  goshim::api_init();
  // Now, not when first called: dlsym clears the message that the program's next dlerror() would return. Also when
  // disabled, where helgrind besides takes it for a race.
  goshim::real_resolve_all();
  if (goshim::disabled()) return;
  goshim::tcb_find_tid_offset();
  goshim::os::clock_init();
  // Before the program registers fork handlers: ours is to be the first in the child.
  goshim::watch_forks();
}

}  // namespace
