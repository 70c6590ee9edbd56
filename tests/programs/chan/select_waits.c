// link: -lgoshim
// Spec, Select statements: without a default it waits until one of the cases can go on.
#include "api.h"

static goshim_chan* c[3];

static void send(void* arg) {
  let_them_wait();
  int v = 9;
  goshim_send(arg, &v);
}

int main(void) {
  for (int i = 0; i < 3; i++) c[i] = make(sizeof(int), 0);
  for (int i = 0; i < 3; i++) {
    go(send, c[i]);
    int got[3] = {0, 0, 0};
    goshim_case k[3];
    for (int j = 0; j < 3; j++) k[j] = goshim_case_recv(c[j], &got[j]);
    CHECK_EQ(goshim_select(k, 3), i);
    for (int j = 0; j < 3; j++) CHECK_EQ(got[j], i == j ? 9 : 0);
  }
  return 0;
}
