// link: -lgoshim
// A channel with room for one is a mutex: what it guards needs no atomics.
#include "api.h"

static goshim_chan *lock, *done;
static long count;

static void work(void* arg) {
  (void)arg;
  for (int i = 0; i < 200; i++) {
    goshim_send(lock, NULL);
    count++;
    goshim_recv(lock, NULL);
  }
  goshim_send(done, NULL);
}

int main(void) {
  lock = make(0, 1);
  done = make(0, 0);
  for (int i = 0; i < 20; i++) go(work, NULL);
  for (int i = 0; i < 20; i++) goshim_recv(done, NULL);
  CHECK_EQ(count, 4000);
  return 0;
}
