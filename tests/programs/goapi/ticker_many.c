// link: -lgoshim
// A hundred tickers beside each other.
#include "api.h"

static goshim_wait_group wg;

static void work(void* arg) {
  goshim_timer* t = goshim_ticker_new((1 + (intptr_t)arg % 5) * MS);
  CHECK(t != NULL);
  for (int i = 0; i < 10; i++) CHECK_EQ(goshim_recv(goshim_timer_chan(t), NULL), GOSHIM_OK);
  goshim_timer_stop(t);
  goshim_timer_unref(t);
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_wg_add(&wg, 100);
  for (intptr_t i = 0; i < 100; i++) go(work, (void*)i);
  goshim_wg_wait(&wg);
  return 0;
}
