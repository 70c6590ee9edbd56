// link: -lgoshim
// Also a select that has to wait serves all its senders.
#include "api.h"

enum { kN = 4 };
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
  long long start = now_ms();
  for (int served = 0; served < kN;) {
    CHECK(now_ms() - start < 10000);
    goshim_case k[kN];
    for (int i = 0; i < kN; i++) k[i] = goshim_case_recv(c[i], NULL);
    served += count[goshim_select(k, kN)]++ == 0;
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  return 0;
}
