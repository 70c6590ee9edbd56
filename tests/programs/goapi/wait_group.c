// link: -lgoshim
// configs: quick
// Wait returns when as many have said Done as were added; the group is ready when zero and again after use.
#include "api.h"

static goshim_wait_group wg;
static long data[50];

static void work(void* arg) {
  data[(intptr_t)arg]++;
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_wg_wait(&wg);
  for (int round = 1; round <= 200; round++) {
    goshim_wg_add(&wg, 50);
    for (intptr_t i = 0; i < 50; i++) go(work, (void*)i);
    goshim_wg_wait(&wg);
    for (int i = 0; i < 50; i++) CHECK_EQ(data[i], round);
  }
  return 0;
}
