// link: -lgoshim
// Spec, Length and capacity: of a channel, a closed one, a nil one.
#include "api.h"

int main(void) {
  CHECK_EQ(goshim_len(NULL), 0);
  CHECK_EQ(goshim_cap(NULL), 0);
  goshim_chan* c = make(sizeof(int), 5);
  CHECK_EQ(goshim_cap(c), 5);
  for (int i = 0; i < 5; i++) {
    CHECK_EQ(goshim_len(c), i);
    goshim_send(c, &i);
  }
  goshim_close(c);
  for (int i = 5; i > 0; i--) {
    CHECK_EQ(goshim_len(c), i);
    goshim_recv(c, NULL);
  }
  CHECK_EQ(goshim_len(c), 0);
  CHECK_EQ(goshim_cap(c), 5);
  CHECK_EQ(goshim_cap(make(8, 0)), 0);
  return 0;
}
