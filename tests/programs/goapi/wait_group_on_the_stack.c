// link: -lgoshim
// configs: quick
// The group may be gone as soon as Wait has returned.
#include "api.h"

static void work(void* arg) { goshim_wg_done(arg); }

static void once(void) {
  goshim_wait_group wg = {0};
  goshim_wg_add(&wg, 1);
  go(work, &wg);
  goshim_wg_wait(&wg);
  memset(&wg, 0x5a, sizeof wg);
  __asm__ volatile("" : : "r"(&wg) : "memory");
}

int main(void) {
  for (int i = 0; i < 1000; i++) once();
  return 0;
}
