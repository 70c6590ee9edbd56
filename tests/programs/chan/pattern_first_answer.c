// link: -lgoshim
// The first of several answers counts; the others end in a buffer and nobody leaks.
#include "api.h"

static void ask(void* arg) {
  static int n;
  int v = __atomic_fetch_add(&n, 1, __ATOMIC_RELAXED);
  goshim_sleep(v % 3 * MS);
  goshim_send(arg, &v);
  goshim_chan_unref(arg);
}

int main(void) {
  for (int round = 0; round < 20; round++) {
    goshim_chan* c = make(sizeof(int), 3);
    for (int i = 0; i < 3; i++) go(ask, goshim_chan_ref(c));
    int v = -1;
    CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
    CHECK(v >= 0);
    goshim_chan_unref(c);
  }
  while (goshim_num_goroutine() > 1) goshim_sleep(MS);
  return 0;
}
