// link: -lgoshim
// A timer sends the time once, not early.
#include "api.h"

int main(void) {
  for (int i = 0; i < 5; i++) {
    int64_t start = goshim_nanotime(), at = 0;
    goshim_timer* t = goshim_timer_new(i * MS);
    CHECK(t != NULL);
    CHECK_EQ(goshim_recv(goshim_timer_chan(t), &at), GOSHIM_OK);
    CHECK(at - start >= i * MS);
    CHECK(goshim_nanotime() >= at);
    CHECK_EQ(goshim_recv_for(goshim_timer_chan(t), &at, 3 * MS), GOSHIM_WOULD_BLOCK);
    CHECK_EQ(goshim_timer_stop(t), 0);
    goshim_timer_unref(t);
  }
  return 0;
}
