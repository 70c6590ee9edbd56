// link: -lgoshim
// A writer that waits keeps new readers out, and lets in those who came meanwhile.
#include "api.h"

static goshim_rwmutex rw;
static goshim_wait_group wg;
static int written;

static void write_it(void* arg) {
  (void)arg;
  goshim_rwmutex_lock(&rw);
  written = 1;
  goshim_rwmutex_unlock(&rw);
  goshim_wg_done(&wg);
}

static void read_it(void* arg) {
  (void)arg;
  goshim_rwmutex_rlock(&rw);
  CHECK_EQ(written, 1);
  goshim_rwmutex_runlock(&rw);
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_rwmutex_rlock(&rw);
  goshim_wg_add(&wg, 11);
  go(write_it, NULL);
  while (goshim_rwmutex_try_rlock(&rw)) {
    goshim_rwmutex_runlock(&rw);
    goshim_yield();
  }
  for (int i = 0; i < 10; i++) go(read_it, NULL);
  let_them_wait();
  CHECK_EQ(written, 0);
  goshim_rwmutex_runlock(&rw);
  goshim_wg_wait(&wg);
  return 0;
}
