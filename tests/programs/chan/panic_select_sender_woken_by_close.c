// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: send on closed channel$
// A select that waits to send panics when that channel is closed.
#include "api.h"

static void pick(void* arg) {
  goshim_case k[2] = {goshim_case_recv(NULL, NULL), goshim_case_send(arg, "x")};
  goshim_select(k, 2);
}

int main(void) {
  goshim_chan* c = make(1, 0);
  go(pick, c);
  let_them_wait();
  goshim_close(c);
  goshim_sleep(10 * GOSHIM_SECOND);
  return 0;
}
