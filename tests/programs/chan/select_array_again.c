// link: -lgoshim
// The array of cases may be used again as it is.
#include "api.h"

static void send(void* arg) {
  for (int i = 0; i < 100; i++) goshim_send(arg, &i);
}

int main(void) {
  goshim_chan* a = make(sizeof(int), 0);
  goshim_chan* b = make(sizeof(int), 2);
  go(send, a);
  go(send, b);
  int va = 0, vb = 0, na = 0, nb = 0;
  goshim_case k[2] = {goshim_case_recv(a, &va), goshim_case_recv(b, &vb)};
  while (na + nb < 200) {
    if (goshim_select(k, 2) == 0)
      CHECK_EQ(va, na++);
    else
      CHECK_EQ(vb, nb++);
  }
  CHECK_EQ(na, 100);
  return 0;
}
