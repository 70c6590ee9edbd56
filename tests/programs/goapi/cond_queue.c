// link: -lgoshim
// A bounded queue on two conditions.
#include "api.h"

static goshim_mutex m;
static goshim_cond not_empty, not_full;
static goshim_wait_group wg;
static int n;
static long produced, consumed;

static void produce(void* arg) {
  (void)arg;
  for (int i = 0; i < 300; i++) {
    goshim_mutex_lock(&m);
    while (n == 3) goshim_cond_wait(&not_full, &m);
    n++;
    produced++;
    goshim_mutex_unlock(&m);
    goshim_cond_signal(&not_empty);
  }
  goshim_wg_done(&wg);
}

static void consume(void* arg) {
  (void)arg;
  for (int i = 0; i < 300; i++) {
    goshim_mutex_lock(&m);
    while (n == 0) goshim_cond_wait(&not_empty, &m);
    n--;
    consumed++;
    goshim_mutex_unlock(&m);
    goshim_cond_signal(&not_full);
  }
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_wg_add(&wg, 8);
  for (int i = 0; i < 4; i++) {
    go(produce, NULL);
    go(consume, NULL);
  }
  goshim_wg_wait(&wg);
  CHECK_EQ(produced, 1200);
  CHECK_EQ(consumed, 1200);
  return 0;
}
