// link: -lgoshim
// A ticker ticks at its interval, and drops ticks for who does not listen.
#include "api.h"

int main(void) {
  int64_t start = goshim_nanotime(), at, last = start;
  goshim_timer* t = goshim_ticker_new(2 * MS);
  for (int i = 1; i <= 10; i++) {
    CHECK_EQ(goshim_recv(goshim_timer_chan(t), &at), GOSHIM_OK);
    CHECK(at > last);
    CHECK(at - start >= i * 2 * MS);
    last = at;
  }
  for (int i = 0; i < 10; i++) {
    goshim_sleep(3 * MS);
    CHECK(goshim_len(goshim_timer_chan(t)) <= 1);
  }
  CHECK_EQ(goshim_timer_reset(t, MS), 1);
  for (int i = 0; i < 5; i++) CHECK_EQ(goshim_recv(goshim_timer_chan(t), &at), GOSHIM_OK);
  goshim_timer_stop(t);
  CHECK_EQ(goshim_recv_for(goshim_timer_chan(t), &at, 5 * MS), GOSHIM_WOULD_BLOCK);
  goshim_timer_unref(t);
  return 0;
}
