// link: -lgoshim
// A mutex excludes; try tells whether it could.
#include "api.h"

static goshim_mutex m;
static goshim_wait_group wg;
static long count;

static void work(void* arg) {
  (void)arg;
  for (int i = 0; i < 500; i++) {
    if (i % 5 != 0 || !goshim_mutex_try_lock(&m)) goshim_mutex_lock(&m);
    long c = count;
    if (i % 50 == 0) goshim_yield();
    count = c + 1;
    goshim_mutex_unlock(&m);
  }
  goshim_wg_done(&wg);
}

int main(void) {
  CHECK_EQ(goshim_mutex_try_lock(&m), 1);
  CHECK_EQ(goshim_mutex_try_lock(&m), 0);
  goshim_mutex_unlock(&m);
  goshim_wg_add(&wg, 20);
  for (int i = 0; i < 20; i++) go(work, NULL);
  goshim_wg_wait(&wg);
  CHECK_EQ(count, 10000);
  return 0;
}
