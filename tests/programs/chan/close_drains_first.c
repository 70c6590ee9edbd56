// link: -lgoshim
// Spec, Close: what was sent before the close is received before the end is seen.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 10);
  for (int i = 1; i <= 10; i++) goshim_send(c, &i);
  goshim_close(c);
  int v;
  for (int i = 1; i <= 10; i++) {
    CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
    CHECK_EQ(v, i);
  }
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_CLOSED);
  CHECK_EQ(v, 0);
  return 0;
}
