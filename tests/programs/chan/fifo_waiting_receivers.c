// link: -lgoshim
// Receivers that wait are served in the order in which they came.
#include "api.h"

static goshim_chan *c, *out, *started;

static void receive(void* arg) {
  int pair[2] = {*(int*)arg, -1};
  goshim_send(started, NULL);
  goshim_recv(c, &pair[1]);
  goshim_send(out, pair);
}

int main(void) {
  c = make(sizeof(int), 0);
  out = make(2 * sizeof(int), 10);
  started = make(0, 0);
  int n[10];
  for (int i = 0; i < 10; i++) {
    n[i] = i;
    go(receive, &n[i]);
    goshim_recv(started, NULL);
    let_them_wait();
  }
  for (int i = 0; i < 10; i++) goshim_send(c, &i);
  for (int i = 0; i < 10; i++) {
    int pair[2];
    goshim_recv(out, pair);
    CHECK_EQ(pair[0], pair[1]);
  }
  return 0;
}
