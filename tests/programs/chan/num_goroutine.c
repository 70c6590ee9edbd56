// link: -lgoshim
// NumGoroutine counts main and those that have not ended.
#include "api.h"

static goshim_chan *up, *end;

static void work(void* arg) {
  (void)arg;
  goshim_send(up, NULL);
  goshim_recv(end, NULL);
}

int main(void) {
  CHECK_EQ(goshim_num_goroutine(), 1);
  up = make(0, 0);
  end = make(0, 0);
  for (int i = 1; i <= 20; i++) {
    go(work, NULL);
    goshim_recv(up, NULL);
    CHECK_EQ(goshim_num_goroutine(), 1 + i);
  }
  goshim_close(end);
  for (int i = 0; goshim_num_goroutine() > 1; i++) {
    CHECK(i < 5000);
    goshim_sleep(MS);
  }
  return 0;
}
