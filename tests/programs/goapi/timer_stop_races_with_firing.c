// link: -lgoshim
// Stop and the firing race: what stop said is what happened.
#include "api.h"

static int started;

static void fn(void* arg) { __atomic_add_fetch((int*)arg, 1, __ATOMIC_RELAXED); }

int main(void) {
  int stopped = 0;
  for (int i = 0; i < 300; i++) {
    goshim_timer* t = goshim_after_func(i % 40 * 5 * GOSHIM_MICROSECOND, fn, &started);
    CHECK(t != NULL);
    for (int j = 0; j < i % 7; j++) goshim_yield();
    if (i % 3 == 0) goshim_sleep(50 * GOSHIM_MICROSECOND);
    stopped += goshim_timer_stop(t);
    goshim_timer_unref(t);
  }
  for (int i = 0; __atomic_load_n(&started, __ATOMIC_RELAXED) + stopped < 300; i++) {
    CHECK(i < 5000);
    goshim_sleep(MS);
  }
  goshim_sleep(5 * MS);
  CHECK_EQ(started + stopped, 300);
  return 0;
}
