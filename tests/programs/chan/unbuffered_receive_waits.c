// link: -lgoshim
// Spec, Receive operator: it waits until an element is there.
#include "api.h"

static goshim_chan* c;
static int sent;

static void send(void* arg) {
  (void)arg;
  let_them_wait();
  __atomic_store_n(&sent, 1, __ATOMIC_RELAXED);
  int v = 7;
  goshim_send(c, &v);
}

int main(void) {
  c = make(sizeof(int), 0);
  go(send, NULL);
  int v = 0;
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
  CHECK(__atomic_load_n(&sent, __ATOMIC_RELAXED));
  CHECK_EQ(v, 7);
  return 0;
}
