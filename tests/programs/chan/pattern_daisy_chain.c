// link: -lgoshim
// Rob Pike's daisy chain: each adds one to what it gets from the right.
#include "api.h"

enum { kN = 2000 };
static goshim_chan* c[kN + 1];

static void add(void* arg) {
  goshim_chan** at = arg;
  int v;
  goshim_recv(at[1], &v);
  v++;
  goshim_send(at[0], &v);
}

int main(void) {
  for (int i = 0; i <= kN; i++) c[i] = make(sizeof(int), 0);
  for (int i = 0; i < kN; i++) go(add, &c[i]);
  int v = 1;
  goshim_send(c[kN], &v);
  goshim_recv(c[0], &v);
  CHECK_EQ(v, kN + 1);
  return 0;
}
