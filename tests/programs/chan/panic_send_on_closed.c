// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: send on closed channel$
// expect-stderr: ^goroutine 1 .running.:$
// expect-stderr: main
// Spec, Send statements: sending on a closed channel panics.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 1);
  goshim_close(c);
  int v = 1;
  goshim_send(c, &v);
  return 0;
}
