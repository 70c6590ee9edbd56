// link: -lgoshim
// A send case delivers its element once; the others' elements go nowhere.
#include "api.h"

static goshim_chan *c[2], *out;

static void receive(void* arg) {
  int v;
  goshim_recv(arg, &v);
  goshim_send(out, &v);
}

int main(void) {
  out = make(sizeof(int), 0);
  for (int i = 0; i < 2; i++) c[i] = make(sizeof(int), 0);
  for (int i = 0; i < 50; i++) {
    go(receive, c[i % 2]);
    int a = 10, b = 11, v;
    goshim_case k[2] = {goshim_case_send(c[0], &a), goshim_case_send(c[1], &b)};
    CHECK_EQ(goshim_select(k, 2), i % 2);
    goshim_recv(out, &v);
    CHECK_EQ(v, 10 + i % 2);
    CHECK_EQ(goshim_try_recv(c[0], &v), GOSHIM_WOULD_BLOCK);
    CHECK_EQ(goshim_try_recv(c[1], &v), GOSHIM_WOULD_BLOCK);
  }
  return 0;
}
