// link: -lgoshim
// Spec, Select statements: a case with a nil channel never goes on.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 100);
  for (int i = 0; i < 100; i++) goshim_send(c, &i);
  for (int i = 0; i < 100; i++) {
    int v;
    goshim_case k[4] = {goshim_case_recv(NULL, &v), goshim_case_recv(c, &v),
                        goshim_case_send(NULL, &v)};
    k[3] = goshim_case_recv(c, &v);
    k[3].op = GOSHIM_NONE;
    CHECK_EQ(goshim_select(k, 4), 1);
  }
  return 0;
}
