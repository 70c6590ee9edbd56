// link: -lgoshim
// A thousand cases; the array is ours, nothing else is needed.
#include "api.h"

enum { kN = 1000 };
static goshim_chan* c[kN];
static goshim_case k[kN];
static int v[kN];

static void send(void* arg) {
  (void)arg;
  for (int i = 0; i < 50; i++) goshim_send(c[i * 37 % kN], &i);
}

int main(void) {
  for (int i = 0; i < kN; i++) c[i] = make(sizeof(int), 0);
  go(send, NULL);
  for (int i = 0; i < 50; i++) {
    for (int j = 0; j < kN; j++) k[j] = goshim_case_recv(c[j], &v[j]);
    int j = goshim_select(k, kN);
    CHECK_EQ(j, i * 37 % kN);
    CHECK_EQ(v[j], i);
  }
  return 0;
}
