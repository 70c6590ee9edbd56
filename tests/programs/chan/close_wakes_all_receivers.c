// link: -lgoshim
// A close ends the wait of all who receive.
#include "api.h"

static goshim_chan *c, *out;

static void receive(void* arg) {
  (void)arg;
  int v = 9;
  int r = goshim_recv(c, &v);
  CHECK_EQ(v, 0);
  goshim_send(out, &r);
}

int main(void) {
  c = make(sizeof(int), 0);
  out = make(sizeof(int), 0);
  for (int i = 0; i < 50; i++) go(receive, NULL);
  let_them_wait();
  goshim_close(c);
  for (int i = 0; i < 50; i++) {
    int r;
    goshim_recv(out, &r);
    CHECK_EQ(r, GOSHIM_CLOSED);
  }
  return 0;
}
