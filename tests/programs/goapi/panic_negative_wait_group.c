// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: sync: negative WaitGroup counter$
// A negative counter panics.
#include "api.h"

int main(void) {
  goshim_wait_group wg = {0};
  goshim_wg_add(&wg, 1);
  goshim_wg_done(&wg);
  goshim_wg_done(&wg);
  return 0;
}
