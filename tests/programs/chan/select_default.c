// link: -lgoshim
// Spec, Select statements: with a default and nothing ready, the default is chosen, at once.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 1);
  int v = 4, got = 0;
  goshim_case receive[1] = {goshim_case_recv(c, &got)};
  CHECK_EQ(goshim_try_select(receive, 1), GOSHIM_DEFAULT);
  CHECK_EQ(goshim_try_select(NULL, 0), GOSHIM_DEFAULT);
  goshim_case send[1] = {goshim_case_send(c, &v)};
  CHECK_EQ(goshim_try_select(send, 1), 0);
  CHECK_EQ(goshim_try_select(send, 1), GOSHIM_DEFAULT);
  CHECK_EQ(goshim_try_select(receive, 1), 0);
  CHECK_EQ(got, 4);
  return 0;
}
