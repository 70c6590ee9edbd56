// link: -lgoshim
// Memory model: the k-th receive is synchronized before the completion of send k+C; so a buffered channel counts.
#include "api.h"

static goshim_chan *limit, *done;
static int running, most;

static void work(void* arg) {
  (void)arg;
  goshim_send(limit, NULL);
  int now = __atomic_add_fetch(&running, 1, __ATOMIC_RELAXED);
  for (int m = __atomic_load_n(&most, __ATOMIC_RELAXED);
       m < now &&
       !__atomic_compare_exchange_n(&most, &m, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);) {
  }
  goshim_yield();
  __atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED);
  goshim_recv(limit, NULL);
  goshim_send(done, NULL);
}

int main(void) {
  limit = make(0, 3);
  done = make(0, 0);
  for (int i = 0; i < 300; i++) go(work, NULL);
  for (int i = 0; i < 300; i++) goshim_recv(done, NULL);
  CHECK(most <= 3);
  CHECK_EQ(running, 0);
  return 0;
}
