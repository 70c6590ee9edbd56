// link: -lgoshim
// All who wait go on.
#include "api.h"

static goshim_wait_group wg, waiters;
static int done;

static void wait_for_it(void* arg) {
  (void)arg;
  goshim_wg_wait(&wg);
  CHECK_EQ(done, 1);
  goshim_wg_done(&waiters);
}

int main(void) {
  goshim_wg_add(&wg, 2);
  goshim_wg_add(&waiters, 30);
  for (int i = 0; i < 30; i++) go(wait_for_it, NULL);
  let_them_wait();
  goshim_wg_done(&wg);
  let_them_wait();
  done = 1;
  goshim_wg_done(&wg);
  goshim_wg_wait(&waiters);
  return 0;
}
