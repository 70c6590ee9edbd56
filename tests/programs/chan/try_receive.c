// link: -lgoshim
// A try receives what is there or what somebody sends, and never waits.
#include "api.h"

static void send(void* arg) {
  int v = 8;
  goshim_send(arg, &v);
}

int main(void) {
  goshim_chan* c = make(sizeof(int), 0);
  int v = 1;
  CHECK_EQ(goshim_try_recv(c, &v), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(v, 1);
  go(send, c);
  while (goshim_try_recv(c, &v) != GOSHIM_OK) goshim_yield();
  CHECK_EQ(v, 8);
  CHECK_EQ(goshim_try_recv(c, &v), GOSHIM_WOULD_BLOCK);
  return 0;
}
