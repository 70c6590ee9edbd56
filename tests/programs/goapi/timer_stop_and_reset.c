// link: -lgoshim
// After a stop nothing comes, after a reset only what is new; what was sent and not received is dropped.
#include "api.h"

int main(void) {
  int64_t at;
  goshim_timer* t = goshim_timer_new(20 * MS);
  goshim_chan* c = goshim_timer_chan(t);
  CHECK_EQ(goshim_timer_stop(t), 1);
  CHECK_EQ(goshim_timer_stop(t), 0);
  CHECK_EQ(goshim_recv_for(c, &at, 30 * MS), GOSHIM_WOULD_BLOCK);
  // Fired, not received.
  CHECK_EQ(goshim_timer_reset(t, 0), 0);
  while (goshim_len(c) == 0) goshim_yield();
  int64_t start = goshim_nanotime();
  CHECK_EQ(goshim_timer_reset(t, 5 * MS), 1);
  CHECK_EQ(goshim_recv(c, &at), GOSHIM_OK);
  CHECK(at - start >= 5 * MS);
  // Running.
  CHECK_EQ(goshim_timer_reset(t, 10 * GOSHIM_SECOND), 0);
  CHECK_EQ(goshim_timer_reset(t, MS), 1);
  CHECK_EQ(goshim_recv(c, &at), GOSHIM_OK);
  CHECK_EQ(goshim_len(c), 0);
  goshim_timer_unref(t);
  return 0;
}
