// link: -lgoshim
// Spec, Channel types: channels are first in, first out; with each capacity.
#include "api.h"

static void send(void* arg) {
  for (int i = 0; i < 500; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

int main(void) {
  for (size_t n = 0; n < 5; n++) {
    goshim_chan* c = make(sizeof(int), n);
    go(send, c);
    int v, next = 0;
    goshim_range(c, &v) CHECK_EQ(v, next++);
    CHECK_EQ(next, 500);
  }
  return 0;
}
