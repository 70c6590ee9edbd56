// link: -lgoshim
// AfterFunc calls in a goroutine of its own, which may wait; a stopped one is not called, a reset one again.
#include "api.h"

static goshim_chan* out;
static goshim_chan* gate;

static void block(void* arg) {
  (void)arg;
  goshim_recv(gate, NULL);
}

static void tell(void* arg) { goshim_send(out, &arg); }

int main(void) {
  out = make(sizeof(void*), 0);
  gate = make(0, 0);
  // One that waits for long keeps nobody from anything.
  for (int i = 0; i < 5; i++) goshim_timer_unref(goshim_after_func(0, block, NULL));
  int64_t start = goshim_nanotime();
  void* v;
  goshim_timer* t = goshim_after_func(3 * MS, tell, (void*)7);
  CHECK(t != NULL && goshim_timer_chan(t) == NULL);
  CHECK_EQ(goshim_recv(out, &v), GOSHIM_OK);
  CHECK_EQ((intptr_t)v, 7);
  CHECK(goshim_nanotime() - start >= 3 * MS);
  CHECK_EQ(goshim_timer_reset(t, MS), 0);
  CHECK_EQ(goshim_recv(out, &v), GOSHIM_OK);
  CHECK_EQ(goshim_timer_reset(t, 10 * GOSHIM_SECOND), 0);
  CHECK_EQ(goshim_timer_stop(t), 1);
  CHECK_EQ(goshim_recv_for(out, &v, 5 * MS), GOSHIM_WOULD_BLOCK);
  goshim_timer_unref(t);
  goshim_close(gate);
  return 0;
}
