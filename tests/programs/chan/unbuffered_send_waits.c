// link: -lgoshim
// Spec, Channel types: without room a send waits until a receiver is there.
#include "api.h"

static goshim_chan* c;
static int received;

static void receive(void* arg) {
  (void)arg;
  let_them_wait();
  __atomic_store_n(&received, 1, __ATOMIC_RELAXED);
  int v;
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
  CHECK_EQ(v, 7);
}

int main(void) {
  c = make(sizeof(int), 0);
  go(receive, NULL);
  int v = 7;
  goshim_send(c, &v);
  CHECK(__atomic_load_n(&received, __ATOMIC_RELAXED));
  return 0;
}
