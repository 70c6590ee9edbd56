// link: -lgoshim
// A try sends if there is room or somebody receives, and never waits.
#include "api.h"

static goshim_chan *c, *out;

static void receive(void* arg) {
  (void)arg;
  int v;
  goshim_recv(c, &v);
  goshim_send(out, &v);
}

int main(void) {
  c = make(sizeof(int), 0);
  out = make(sizeof(int), 1);
  int v = 3;
  CHECK_EQ(goshim_try_send(c, &v), GOSHIM_WOULD_BLOCK);
  go(receive, NULL);
  while (goshim_try_send(c, &v) != GOSHIM_OK) goshim_yield();
  int got = 0;
  goshim_recv(out, &got);
  CHECK_EQ(got, 3);
  CHECK_EQ(goshim_try_send(out, &v), GOSHIM_OK);
  CHECK_EQ(goshim_try_send(out, &v), GOSHIM_WOULD_BLOCK);
  return 0;
}
