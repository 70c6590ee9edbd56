// link: -lgoshim
// A nil channel is never ready: try says so, and a timed operation takes its time.
#include "api.h"

int main(void) {
  int v = 5;
  CHECK_EQ(goshim_try_send(NULL, &v), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(goshim_try_recv(NULL, &v), GOSHIM_WOULD_BLOCK);
  long long start = now_ns();
  CHECK_EQ(goshim_recv_for(NULL, &v, 5 * MS), GOSHIM_WOULD_BLOCK);
  CHECK_EQ(goshim_send_for(NULL, &v, 5 * MS), GOSHIM_WOULD_BLOCK);
  CHECK(now_ns() - start >= 10 * MS);
  CHECK_EQ(v, 5);
  return 0;
}
