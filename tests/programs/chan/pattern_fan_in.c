// link: -lgoshim
// Many producers, one consumer, one channel.
#include "api.h"

enum { kN = 100, kEach = 50 };
static goshim_chan* c;

static void produce(void* arg) {
  for (int i = 0; i < kEach; i++) {
    int v[2] = {(int)(intptr_t)arg, i};
    goshim_send(c, v);
  }
}

int main(void) {
  c = make(2 * sizeof(int), 0);
  int next[kN] = {0};
  for (intptr_t i = 0; i < kN; i++) go(produce, (void*)i);
  for (int i = 0; i < kN * kEach; i++) {
    int v[2];
    goshim_recv(c, v);
    // Each producer's own order is kept.
    CHECK_EQ(v[1], next[v[0]]++);
  }
  return 0;
}
