// link: -lgoshim
// Only the chosen case's variable is written, even if two share one.
#include "api.h"

static goshim_chan* c[4];

static void send(void* arg) {
  (void)arg;
  for (int i = 0; i < 400; i++) goshim_send(c[i % 4], &i);
}

int main(void) {
  for (int i = 0; i < 4; i++) c[i] = make(sizeof(int), 0);
  go(send, NULL);
  for (int i = 0; i < 400; i++) {
    int v[4] = {-1, -1, -1, -1};
    goshim_case k[4];
    for (int j = 0; j < 4; j++) k[j] = goshim_case_recv(c[j], &v[j]);
    CHECK_EQ(goshim_select(k, 4), i % 4);
    for (int j = 0; j < 4; j++) CHECK_EQ(v[j], j == i % 4 ? i : -1);
  }
  return 0;
}
