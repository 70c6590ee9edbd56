// link: -lgoshim
// Senders that wait are served in the order in which they came.
#include "api.h"

static goshim_chan *c, *started;

static void send(void* arg) {
  goshim_send(started, NULL);
  goshim_send(c, arg);
}

int main(void) {
  c = make(sizeof(int), 0);
  started = make(0, 0);
  int n[10];
  for (int i = 0; i < 10; i++) {
    n[i] = i;
    go(send, &n[i]);
    goshim_recv(started, NULL);
    let_them_wait();
  }
  for (int i = 0; i < 10; i++) {
    int v;
    goshim_recv(c, &v);
    CHECK_EQ(v, i);
  }
  return 0;
}
