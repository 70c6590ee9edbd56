// link: -lgoshim
// Memory model: the go statement is synchronized before the goroutine's start.
#include "api.h"

static long data[64];
static goshim_chan* done;

static void check(void* arg) {
  for (int i = 0; i < 64; i++) CHECK_EQ(data[i], (long)(intptr_t)arg + i);
  goshim_send(done, NULL);
}

int main(void) {
  done = make(0, 0);
  for (intptr_t round = 0; round < 300; round++) {
    for (int i = 0; i < 64; i++) data[i] = round + i;
    go(check, (void*)round);
    goshim_recv(done, NULL);
  }
  return 0;
}
