// link: -lgoshim
// An element of no size carries only the event; NULL is its address.
#include "api.h"

static void send(void* arg) {
  for (int i = 0; i < 100; i++) goshim_send(arg, NULL);
  goshim_close(arg);
}

int main(void) {
  for (size_t n = 0; n < 3; n++) {
    goshim_chan* c = make(0, n);
    go(send, c);
    int count = 0;
    goshim_range(c, NULL) count++;
    CHECK_EQ(count, 100);
  }
  return 0;
}
