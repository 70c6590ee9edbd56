// link: -lgoshim
// What is sent is the value at that moment: changing the variable later changes nothing.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 3);
  int v = 1;
  goshim_send(c, &v);
  v = 2;
  goshim_send(c, &v);
  v = 3;
  int got;
  goshim_recv(c, &got);
  CHECK_EQ(got, 1);
  goshim_recv(c, &got);
  CHECK_EQ(got, 2);
  return 0;
}
