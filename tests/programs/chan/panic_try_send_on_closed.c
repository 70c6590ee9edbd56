// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: send on closed channel$
// A try that would be a panic is one.
#include "api.h"

int main(void) {
  goshim_chan* c = make(1, 1);
  goshim_close(c);
  goshim_try_send(c, "x");
  return 0;
}
