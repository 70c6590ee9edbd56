// link: -lgoshim
// Selects that would send or receive on one channel find each other, and never themselves.
#include "api.h"

static goshim_chan *c, *out;

static void pick(void* arg) {
  int mine = *(int*)arg, other = -1;
  goshim_case k[2] = {goshim_case_send(c, &mine), goshim_case_recv(c, &other)};
  int i = goshim_select(k, 2);
  int r = i == 0 ? 0 : other + 1;
  CHECK(other != mine);
  goshim_send(out, &r);
}

int main(void) {
  c = make(sizeof(int), 0);
  out = make(sizeof(int), 0);
  int n[100];
  for (int i = 0; i < 100; i++) {
    n[i] = i;
    go(pick, &n[i]);
  }
  int received = 0;
  for (int i = 0; i < 100; i++) {
    int r;
    goshim_recv(out, &r);
    received += r != 0;
  }
  CHECK_EQ(received, 50);
  return 0;
}
