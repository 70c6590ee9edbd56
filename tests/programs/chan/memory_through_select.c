// link: -lgoshim
// What was written before a send is seen by the select that receives it.
#include "api.h"

static long data[64];
static goshim_chan* c[2];

static void f(void* arg) {
  for (int i = 0; i < 64; i++) data[i] = i;
  goshim_case k[2] = {goshim_case_send(c[(intptr_t)arg], NULL), goshim_case_recv(NULL, NULL)};
  goshim_select(k, 2);
}

int main(void) {
  c[0] = make(0, 0);
  c[1] = make(0, 1);
  for (intptr_t round = 0; round < 300; round++) {
    memset(data, 0, sizeof data);
    go(f, (void*)(round % 2));
    goshim_case k[2] = {goshim_case_recv(c[0], NULL), goshim_case_recv(c[1], NULL)};
    CHECK_EQ(goshim_select(k, 2), round % 2);
    for (int i = 0; i < 64; i++) CHECK_EQ(data[i], i);
  }
  return 0;
}
