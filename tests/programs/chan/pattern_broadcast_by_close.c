// link: -lgoshim
// A close is a broadcast: any number of goroutines stop.
#include "api.h"

static goshim_chan *quit, *done;

static void work(void* arg) {
  (void)arg;
  int n = 0;
  for (;;) {
    goshim_case k[1] = {goshim_case_recv(quit, NULL)};
    if (goshim_try_select(k, 1) == 0) break;
    n++;
    goshim_yield();
  }
  goshim_send(done, &n);
}

int main(void) {
  quit = make(0, 0);
  done = make(sizeof(int), 0);
  for (int i = 0; i < 20; i++) go(work, NULL);
  goshim_sleep(2 * MS);
  goshim_close(quit);
  for (int i = 0; i < 20; i++) goshim_recv(done, NULL);
  return 0;
}
