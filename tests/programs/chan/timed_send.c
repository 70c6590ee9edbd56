// link: -lgoshim
// A timed send whose time is over has not sent: nobody ever receives it.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 0);
  int v = 1;
  long long start = now_ns();
  CHECK_EQ(goshim_send_for(c, &v, 4 * MS), GOSHIM_WOULD_BLOCK);
  CHECK(now_ns() - start >= 4 * MS);
  CHECK_EQ(goshim_try_recv(c, &v), GOSHIM_WOULD_BLOCK);
  goshim_chan* b = make(sizeof(int), 1);
  CHECK_EQ(goshim_send_for(b, &v, 4 * MS), GOSHIM_OK);
  CHECK_EQ(goshim_send_for(b, &v, 4 * MS), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(goshim_len(b), 1);
  return 0;
}
