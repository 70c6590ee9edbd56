// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: close of closed channel$
// Spec, Close: closing a closed channel panics.
#include "api.h"

int main(void) {
  goshim_chan* c = make(1, 0);
  goshim_close(c);
  goshim_close(c);
  return 0;
}
