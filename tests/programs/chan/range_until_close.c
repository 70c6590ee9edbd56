// link: -lgoshim
// Spec, For statements with range clause: the loop ends when the channel is closed and empty.
#include "api.h"

static void send(void* arg) {
  for (int i = 1; i <= 100; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

int main(void) {
  goshim_chan* c = make(sizeof(int), 7);
  go(send, c);
  int v, sum = 0;
  goshim_range(c, &v) sum += v;
  CHECK_EQ(sum, 5050);
  goshim_range(c, &v) CHECK(!"nothing is left");
  return 0;
}
