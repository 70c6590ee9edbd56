// link: -lgoshim
// Memory model: the closing is synchronized before a receive that returns because of it.
#include "api.h"

static long data[64];

static void f(void* arg) {
  for (int i = 0; i < 64; i++) data[i] = i;
  goshim_close(arg);
}

int main(void) {
  for (int round = 0; round < 300; round++) {
    memset(data, 0, sizeof data);
    goshim_chan* c = make(0, 0);
    go(f, c);
    CHECK_EQ(goshim_recv(c, NULL), GOSHIM_CLOSED);
    for (int i = 0; i < 64; i++) CHECK_EQ(data[i], i);
    goshim_chan_unref(c);
  }
  return 0;
}
