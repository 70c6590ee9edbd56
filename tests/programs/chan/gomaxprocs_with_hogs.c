// link: -lgoshim
// Fewer of them while all compute: who computes goes on, and so does everybody else, sleepers included.
#include "api.h"

static int stop;
static goshim_wait_group wg;

static void hog(void* arg) {
  (void)arg;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
  }
  goshim_wg_done(&wg);
}

static void sleeper(void* arg) {
  (void)arg;
  for (int i = 0; i < 20; i++) {
    const int64_t before = goshim_nanotime();
    goshim_sleep(MS);
    CHECK(goshim_nanotime() - before >= MS);
  }
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_gomaxprocs(6);
  goshim_wg_add(&wg, 6);
  for (int i = 0; i < 3; i++) go(hog, NULL);
  for (int i = 0; i < 3; i++) go(sleeper, NULL);
  goshim_sleep(3 * MS);
  CHECK_EQ(goshim_gomaxprocs(1), 6);
  goshim_sleep(20 * MS);
  CHECK_EQ(goshim_gomaxprocs(4), 1);
  goshim_sleep(5 * MS);
  CHECK_EQ(goshim_gomaxprocs(2), 4);
  while (goshim_num_goroutine() > 4) goshim_sleep(MS);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  goshim_wg_wait(&wg);
  return 0;
}
