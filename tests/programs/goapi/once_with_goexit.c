// link: -lgoshim
// A function that ends its goroutine has been called all the same.
#include "api.h"

static goshim_once once;
static goshim_wait_group wg;

static void leave(void* arg) {
  (void)arg;
  goshim_wg_done(&wg);
  goshim_goexit();
}

static void work(void* arg) {
  (void)arg;
  goshim_once_do(&once, leave, NULL);
  CHECK(!"reached");
}

int main(void) {
  goshim_wg_add(&wg, 1);
  go(work, NULL);
  goshim_wg_wait(&wg);
  goshim_once_do(&once, leave, NULL);
  return 0;
}
