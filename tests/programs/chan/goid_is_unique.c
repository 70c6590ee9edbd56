// link: -lgoshim
// Goroutines that live at the same time have different numbers; main's is 1.
#include "api.h"

enum { kN = 200 };
static goshim_chan *out, *end;

static void work(void* arg) {
  (void)arg;
  uint64_t id = goshim_goid();
  goshim_send(out, &id);
  goshim_recv(end, NULL);
  CHECK(id == goshim_goid());
  goshim_send(out, &id);
}

int main(void) {
  CHECK_EQ(goshim_goid(), 1);
  out = make(sizeof(uint64_t), 0);
  end = make(0, 0);
  static uint64_t ids[kN];
  for (int i = 0; i < kN; i++) {
    go(work, NULL);
    goshim_recv(out, &ids[i]);
    CHECK(ids[i] > 1);
    for (int j = 0; j < i; j++) CHECK(ids[j] != ids[i]);
  }
  CHECK_EQ(goshim_goid(), 1);
  goshim_close(end);
  for (int i = 0; i < kN; i++) goshim_recv(out, &ids[0]);
  return 0;
}
