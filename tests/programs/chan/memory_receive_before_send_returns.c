// link: -lgoshim
// Memory model: a receive from an unbuffered channel is synchronized before the completion of the send.
#include "api.h"

static long data[64];

static void f(void* arg) {
  for (int i = 0; i < 64; i++) data[i] = i;
  goshim_recv(arg, NULL);
}

int main(void) {
  for (int round = 0; round < 300; round++) {
    memset(data, 0, sizeof data);
    goshim_chan* c = make(0, 0);
    go(f, c);
    goshim_send(c, NULL);
    for (int i = 0; i < 64; i++) CHECK_EQ(data[i], i);
  }
  return 0;
}
