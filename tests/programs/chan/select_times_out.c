// link: -lgoshim
// A timed select is never early; afterwards it stands on no channel any more.
#include "api.h"

int main(void) {
  goshim_chan* a = make(sizeof(int), 0);
  goshim_chan* b = make(sizeof(int), 0);
  for (int i = 1; i <= 5; i++) {
    int v = 3;
    goshim_case k[2] = {goshim_case_recv(a, &v), goshim_case_send(b, &v)};
    long long start = now_ns();
    CHECK_EQ(goshim_select_for(k, 2, i * MS), GOSHIM_DEFAULT);
    CHECK(now_ns() - start >= i * MS);
    CHECK_EQ(goshim_try_send(a, &v), GOSHIM_WOULD_BLOCK);
    CHECK_EQ(goshim_try_recv(b, &v), GOSHIM_WOULD_BLOCK);
    CHECK_EQ(v, 3);
  }
  return 0;
}
