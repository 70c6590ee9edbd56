// link: -lgoshim
// Memory model: a send on a channel is synchronized before the completion of the receive.
#include "api.h"

static char text[16];
static long data[64];

static void f(void* arg) {
  strcpy(text, "hello, world");
  for (int i = 0; i < 64; i++) data[i] = i;
  goshim_send(arg, NULL);
}

int main(void) {
  for (int round = 0; round < 300; round++) {
    memset(text, 0, sizeof text);
    memset(data, 0, sizeof data);
    goshim_chan* c = make(0, 10);
    go(f, c);
    goshim_recv(c, NULL);
    CHECK_STR(text, "hello, world");
    for (int i = 0; i < 64; i++) CHECK_EQ(data[i], i);
    goshim_chan_unref(c);
  }
  return 0;
}
