// link: -lgoshim
// Spec, Receive operator: from a closed channel comes the zero value, without waiting, each time.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(long), 0);
  goshim_close(c);
  for (int i = 0; i < 10; i++) {
    long v = 99;
    CHECK_EQ(goshim_recv(c, &v), GOSHIM_CLOSED);
    CHECK_EQ(v, 0);
    v = 99;
    CHECK_EQ(goshim_try_recv(c, &v), GOSHIM_CLOSED);
    CHECK_EQ(v, 0);
    v = 99;
    CHECK_EQ(goshim_recv_for(c, &v, GOSHIM_SECOND), GOSHIM_CLOSED);
    CHECK_EQ(v, 0);
  }
  return 0;
}
