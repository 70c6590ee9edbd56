// link: -lgoshim
// Spec, Select statements: the case that can go on is chosen.
#include "api.h"

int main(void) {
  goshim_chan* c[4];
  for (int i = 0; i < 4; i++) c[i] = make(sizeof(int), 1);
  for (int round = 0; round < 40; round++) {
    int want = round % 4, v = round;
    goshim_send(c[want], &v);
    int got[4] = {-1, -1, -1, -1};
    goshim_case k[4];
    for (int i = 0; i < 4; i++) k[i] = goshim_case_recv(c[i], &got[i]);
    CHECK_EQ(goshim_select(k, 4), want);
    for (int i = 0; i < 4; i++) CHECK_EQ(got[i], i == want ? round : -1);
    CHECK_EQ(k[want].ok, 1);
  }
  return 0;
}
