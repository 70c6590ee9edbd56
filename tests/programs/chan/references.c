// link: -lgoshim
// A channel lives as long as somebody has a reference.
#include "api.h"

enum { kN = 20 };
static goshim_chan* out;

static void work(void* arg) {
  int v;
  goshim_recv(arg, &v);
  goshim_chan_unref(arg);
  goshim_send(out, &v);
}

int main(void) {
  goshim_chan_unref(NULL);
  CHECK(goshim_chan_ref(NULL) == NULL);
  out = make(sizeof(int), 0);
  for (int round = 0; round < 20; round++) {
    goshim_chan* c = make(sizeof(int), 0);
    for (int i = 0; i < kN; i++) go(work, goshim_chan_ref(c));
    for (int i = 0; i < kN; i++) goshim_send(c, &i);
    goshim_chan_unref(c);
    int v, sum = 0;
    for (int i = 0; i < kN; i++) {
      goshim_recv(out, &v);
      sum += v;
    }
    CHECK_EQ(sum, kN * (kN - 1) / 2);
  }
  return 0;
}
