// link: -lgoshim
// A timed receive is never early, and leaves its variable alone when nothing came.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 0);
  for (int i = 1; i <= 5; i++) {
    int v = 77;
    long long start = now_ns();
    CHECK_EQ(goshim_recv_for(c, &v, i * MS), GOSHIM_WOULD_BLOCK);
    CHECK(now_ns() - start >= i * MS);
    CHECK_EQ(v, 77);
  }
  int v;
  CHECK_EQ(goshim_recv_for(c, &v, 0), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(goshim_recv_for(c, &v, -5), GOSHIM_WOULD_BLOCK);
  return 0;
}
