// link: -lgoshim
// Two goroutines in lock step over two channels: each sees what the other wrote, without atomics.
#include "api.h"

static long shared;
static goshim_chan *a, *b;

static void other(void* arg) {
  (void)arg;
  while (goshim_recv(a, NULL) == GOSHIM_OK) {
    shared++;
    goshim_send(b, NULL);
  }
}

int main(void) {
  a = make(0, 0);
  b = make(0, 0);
  go(other, NULL);
  for (long i = 0; i < 2000; i++) {
    shared++;
    goshim_send(a, NULL);
    goshim_recv(b, NULL);
    CHECK_EQ(shared, 2 * (i + 1));
  }
  return 0;
}
