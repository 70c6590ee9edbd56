// link: -lgoshim
// A receive case on a closed channel goes on: zero, and ok is 0.
#include "api.h"

static void close_it(void* arg) {
  let_them_wait();
  goshim_close(arg);
}

int main(void) {
  goshim_chan* open = make(sizeof(int), 0);
  goshim_chan* c = make(sizeof(int), 0);
  go(close_it, c);
  for (int i = 0; i < 5; i++) {
    int a = 5, b = 6;
    goshim_case k[2] = {goshim_case_recv(open, &a), goshim_case_recv(c, &b)};
    CHECK_EQ(goshim_select(k, 2), 1);
    CHECK_EQ(k[1].ok, 0);
    CHECK_EQ(a, 5);
    CHECK_EQ(b, 0);
  }
  return 0;
}
