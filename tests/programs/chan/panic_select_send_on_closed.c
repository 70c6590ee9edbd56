// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: send on closed channel$
// Spec, Select statements: a send case on a closed channel can go on, and panics.
#include "api.h"

int main(void) {
  goshim_chan* c = make(1, 0);
  goshim_close(c);
  goshim_case k[1] = {goshim_case_send(c, "x")};
  goshim_select(k, 1);
  return 0;
}
