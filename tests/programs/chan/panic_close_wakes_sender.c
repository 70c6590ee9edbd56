// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: send on closed channel$
// A sender that waits when the channel is closed panics.
#include "api.h"

static void send(void* arg) { goshim_send(arg, "x"); }

int main(void) {
  goshim_chan* c = make(1, 0);
  go(send, c);
  let_them_wait();
  goshim_close(c);
  goshim_sleep(10 * GOSHIM_SECOND);
  return 0;
}
