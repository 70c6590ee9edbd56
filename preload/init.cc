// The constructor: reads the options, finds the clock. Nothing else happens before the first pthread_create.
#include "arch/amd64/tcb.h"
#include "base/debugvars.h"
#include "os/clock.h"

namespace {

[[gnu::constructor]] void goshim_init() {
  goshim::options_init();
  if (goshim::disabled()) return;
  goshim::tcb_find_tid_offset();
  goshim::os::clock_init();
}

}  // namespace
