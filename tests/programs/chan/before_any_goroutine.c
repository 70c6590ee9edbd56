// link: -lgoshim
// Everything works on main while it is alone.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 2);
  int v = 1;
  goshim_send(c, &v);
  CHECK_EQ(goshim_try_send(c, &v), GOSHIM_OK);
  CHECK_EQ(goshim_send_for(c, &v, MS), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
  CHECK_EQ(goshim_recv_for(c, &v, MS), GOSHIM_WOULD_BLOCK);
  goshim_case k[2] = {goshim_case_recv(c, &v), goshim_case_send(c, &v)};
  CHECK_EQ(goshim_select(k, 2), 1);
  CHECK_EQ(goshim_select_for(k, 1, MS), 0);
  CHECK_EQ(goshim_select_for(k, 1, MS), GOSHIM_DEFAULT);
  goshim_yield();
  goshim_sleep(MS);
  CHECK_EQ(goshim_num_goroutine(), 1);
  goshim_close(c);
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_CLOSED);
  goshim_chan_unref(c);
  return 0;
}
