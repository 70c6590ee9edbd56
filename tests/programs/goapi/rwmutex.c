// link: -lgoshim
// Readers share, a writer is alone.
#include "api.h"

static goshim_rwmutex rw;
static goshim_wait_group wg;
static long a, b;
static int readers, most;

static void read_it(void* arg) {
  (void)arg;
  for (int i = 0; i < 200; i++) {
    if (i % 7 != 0 || !goshim_rwmutex_try_rlock(&rw)) goshim_rwmutex_rlock(&rw);
    int n = __atomic_add_fetch(&readers, 1, __ATOMIC_RELAXED);
    if (n > __atomic_load_n(&most, __ATOMIC_RELAXED)) __atomic_store_n(&most, n, __ATOMIC_RELAXED);
    CHECK_EQ(a, b);
    if (i % 20 == 0) goshim_yield();
    CHECK_EQ(a, b);
    __atomic_sub_fetch(&readers, 1, __ATOMIC_RELAXED);
    goshim_rwmutex_runlock(&rw);
  }
  goshim_wg_done(&wg);
}

static void write_it(void* arg) {
  (void)arg;
  for (int i = 0; i < 100; i++) {
    if (i % 7 != 0 || !goshim_rwmutex_try_lock(&rw)) goshim_rwmutex_lock(&rw);
    CHECK_EQ(__atomic_load_n(&readers, __ATOMIC_RELAXED), 0);
    a++;
    if (i % 10 == 0) goshim_yield();
    b++;
    goshim_rwmutex_unlock(&rw);
  }
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_wg_add(&wg, 14);
  for (int i = 0; i < 10; i++) go(read_it, NULL);
  for (int i = 0; i < 4; i++) go(write_it, NULL);
  goshim_wg_wait(&wg);
  CHECK_EQ(a, 400);
  CHECK_EQ(b, 400);
  return 0;
}
