// link: -lgoshim
// Also a select that has to wait serves all its senders.
#include "api.h"

enum { kN = 4, kRounds = 400 };
static int stop;

static void send(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) goshim_send_for(arg, NULL, 5 * MS);
}

int main(void) {
  goshim_chan* c[kN];
  int count[kN] = {0};
  for (int i = 0; i < kN; i++) {
    c[i] = make(0, 0);
    go(send, c[i]);
  }
  for (int r = 0; r < kRounds; r++) {
    goshim_case k[kN];
    for (int i = 0; i < kN; i++) k[i] = goshim_case_recv(c[i], NULL);
    count[goshim_select(k, kN)]++;
  }
  stop = 1;
  for (int i = 0; i < kN; i++) CHECK(count[i] > 0);
  return 0;
}
