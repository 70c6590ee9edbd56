// link: -lgoshim
// A token goes round a ring of goroutines.
#include "api.h"

enum { kN = 200, kRounds = 50 };
static goshim_chan* c[kN + 1];

static void pass(void* arg) {
  goshim_chan** at = arg;
  int v;
  for (int i = 0; i < kRounds; i++) {
    goshim_recv(at[0], &v);
    v++;
    goshim_send(at[1], &v);
  }
}

int main(void) {
  for (int i = 0; i <= kN; i++) c[i] = make(sizeof(int), 0);
  for (int i = 0; i < kN; i++) go(pass, &c[i]);
  int v = 0;
  for (int i = 0; i < kRounds; i++) {
    goshim_send(c[0], &v);
    goshim_recv(c[kN], &v);
  }
  CHECK_EQ(v, kN * kRounds);
  return 0;
}
