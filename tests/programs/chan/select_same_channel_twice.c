// link: -lgoshim
// The same channel in several cases: one of them is chosen for each element.
#include "api.h"

static void send(void* arg) {
  for (int i = 0; i < 200; i++) goshim_send(arg, &i);
  goshim_close(arg);
}

int main(void) {
  goshim_chan* c = make(sizeof(int), 0);
  go(send, c);
  for (int next = 0;; next++) {
    int v[3] = {-1, -1, -1};
    goshim_case k[3] = {goshim_case_recv(c, &v[0]), goshim_case_recv(c, &v[1]),
                        goshim_case_recv(c, &v[2])};
    int i = goshim_select(k, 3);
    if (!k[i].ok) {
      CHECK_EQ(next, 200);
      break;
    }
    CHECK_EQ(v[i], next);
    CHECK_EQ(v[0] + v[1] + v[2], next - 2);
  }
  return 0;
}
