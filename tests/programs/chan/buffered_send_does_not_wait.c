// link: -lgoshim
// Spec, Channel types: with room a send goes on at once, with nobody there.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 100);
  for (int i = 0; i < 100; i++) goshim_send(c, &i);
  CHECK_EQ(goshim_len(c), 100);
  for (int i = 0; i < 100; i++) {
    int v;
    CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
    CHECK_EQ(v, i);
  }
  goshim_chan_unref(c);
  return 0;
}
