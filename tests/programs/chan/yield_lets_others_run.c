// link: -lgoshim
// Gosched lets another goroutine go on, also with a single P.
#include "api.h"

static int turn;

static void other(void* arg) {
  goshim_chan* done = arg;
  for (int i = 0; i < 100; i++) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 1) goshim_yield();
    __atomic_store_n(&turn, 0, __ATOMIC_RELEASE);
  }
  goshim_send(done, NULL);
}

int main(void) {
  goshim_chan* done = make(0, 0);
  go(other, done);
  for (int i = 0; i < 100; i++) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 0) goshim_yield();
    __atomic_store_n(&turn, 1, __ATOMIC_RELEASE);
  }
  goshim_recv(done, NULL);
  return 0;
}
