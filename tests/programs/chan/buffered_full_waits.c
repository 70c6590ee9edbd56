// link: -lgoshim
// A send on a full channel waits for a receive; its element comes after those in the buffer.
#include "api.h"

static goshim_chan *c, *done;

static void send(void* arg) {
  (void)arg;
  for (int i = 0; i < 5; i++) goshim_send(c, &i);
  goshim_send(done, NULL);
}

int main(void) {
  c = make(sizeof(int), 2);
  done = make(0, 1);
  go(send, NULL);
  while (goshim_len(c) < 2) goshim_yield();
  let_them_wait();
  CHECK_EQ(goshim_len(c), 2);
  CHECK_EQ(goshim_len(done), 0);
  for (int i = 0; i < 5; i++) {
    int v;
    CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
    CHECK_EQ(v, i);
  }
  CHECK_EQ(goshim_recv(done, NULL), GOSHIM_OK);
  return 0;
}
