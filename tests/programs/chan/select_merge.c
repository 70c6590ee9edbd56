// link: -lgoshim
// A case is turned off by making its channel nil: two inputs merged until both are closed.
#include "api.h"

static void send(void* arg) {
  for (int i = 1; i <= 100; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

int main(void) {
  goshim_chan* a = make(sizeof(int), 0);
  goshim_chan* b = make(sizeof(int), 3);
  go(send, a);
  go(send, b);
  int sum = 0, closed = 0;
  while (a != NULL || b != NULL) {
    int v;
    goshim_case k[2] = {goshim_case_recv(a, &v), goshim_case_recv(b, &v)};
    int i = goshim_select(k, 2);
    if (k[i].ok) {
      sum += v;
      continue;
    }
    closed++;
    *(i == 0 ? &a : &b) = NULL;
  }
  CHECK_EQ(sum, 2 * 5050);
  CHECK_EQ(closed, 2);
  return 0;
}
