// link: -lgoshim
// Sleep lasts at least as long as it was told; nothing and less return at once.
#include "api.h"

static void sleeper(void* arg) {
  for (int i = 1; i <= 10; i++) {
    long long start = now_ns();
    goshim_sleep(i * 300 * GOSHIM_MICROSECOND);
    CHECK(now_ns() - start >= i * 300 * GOSHIM_MICROSECOND);
  }
  goshim_send(arg, NULL);
}

int main(void) {
  goshim_sleep(2 * MS);
  goshim_sleep(0);
  goshim_sleep(-1);
  goshim_chan* done = make(0, 0);
  for (int i = 0; i < 50; i++) go(sleeper, done);
  for (int i = 0; i < 50; i++) goshim_recv(done, NULL);
  return 0;
}
