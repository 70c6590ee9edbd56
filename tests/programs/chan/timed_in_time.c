// link: -lgoshim
// A timed operation that finds its partner in time is an ordinary one.
#include "api.h"

static goshim_chan *a, *b;

static void partner(void* arg) {
  (void)arg;
  let_them_wait();
  int v = 5;
  goshim_send(a, &v);
  let_them_wait();
  goshim_recv(b, &v);
  CHECK_EQ(v, 6);
  goshim_close(a);
}

int main(void) {
  a = make(sizeof(int), 0);
  b = make(sizeof(int), 0);
  go(partner, NULL);
  int v = 0;
  CHECK_EQ(goshim_recv_for(a, &v, 10 * GOSHIM_SECOND), GOSHIM_OK);
  CHECK_EQ(v, 5);
  v = 6;
  CHECK_EQ(goshim_send_for(b, &v, 10 * GOSHIM_SECOND), GOSHIM_OK);
  CHECK_EQ(goshim_recv_for(a, &v, INT64_MAX), GOSHIM_CLOSED);
  return 0;
}
