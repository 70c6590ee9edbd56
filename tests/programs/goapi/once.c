// link: -lgoshim
// A function is called once, and everybody returns after it has ended.
#include "api.h"

static goshim_once once[50];
static goshim_wait_group wg;
static int calls[50], ready[50];

static void init(void* arg) {
  int i = (int)(intptr_t)arg;
  calls[i]++;
  goshim_yield();
  ready[i] = 1;
}

static void work(void* arg) {
  (void)arg;
  for (intptr_t i = 0; i < 50; i++) {
    goshim_once_do(&once[i], init, (void*)i);
    CHECK_EQ(ready[i], 1);
  }
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_wg_add(&wg, 20);
  for (int i = 0; i < 20; i++) go(work, NULL);
  goshim_wg_wait(&wg);
  for (int i = 0; i < 50; i++) CHECK_EQ(calls[i], 1);
  return 0;
}
