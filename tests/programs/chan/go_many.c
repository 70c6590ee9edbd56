// link: -lgoshim
// configs: quick
// Ten thousand goroutines at once, each parked on its own channel operation.
#include "api.h"

enum { kN = 10000 };
static goshim_chan *start, *out;

static void work(void* arg) {
  goshim_recv(start, NULL);
  long v = (long)(intptr_t)arg;
  goshim_send(out, &v);
}

int main(void) {
  start = make(0, 0);
  out = make(sizeof(long), 16);
  for (intptr_t i = 0; i < kN; i++) {
    if (goshim_go(work, (void*)i) == 0) continue;
    // Kernel threads run out.
    SKIP("no 10,000 threads here");
  }
  CHECK(goshim_num_goroutine() > kN);
  goshim_close(start);
  long sum = 0, v;
  for (int i = 0; i < kN; i++) {
    goshim_recv(out, &v);
    sum += v;
  }
  CHECK_EQ(sum, (long)kN * (kN - 1) / 2);
  return 0;
}
