// link: -lgoshim
// A receive without a variable takes the element all the same.
#include "api.h"

static void send(void* arg) {
  for (int i = 0; i < 4; i++) goshim_send(arg, &i);
}

int main(void) {
  for (size_t n = 0; n < 3; n++) {
    goshim_chan* c = make(sizeof(int), n);
    go(send, c);
    CHECK_EQ(goshim_recv(c, NULL), GOSHIM_OK);
    CHECK_EQ(goshim_recv(c, NULL), GOSHIM_OK);
    int v;
    CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
    CHECK_EQ(v, 2);
    goshim_recv(c, &v);
    CHECK_EQ(v, 3);
  }
  return 0;
}
