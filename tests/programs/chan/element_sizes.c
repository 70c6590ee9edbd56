// link: -lgoshim
// Elements of each size from 1 to 40 bytes, and one of 60 KB, arrive whole and touch nothing beside them.
#include "api.h"

static void send(void* arg) {
  goshim_chan* c = arg;
  unsigned char v[64];
  for (int i = 0; i < 20; i++) {
    memset(v, i + 1, sizeof v);
    goshim_send(c, v);
  }
  goshim_close(c);
}

static void small(size_t size, size_t n) {
  goshim_chan* c = make(size, n);
  go(send, c);
  unsigned char v[64];
  for (int i = 0; i < 20; i++) {
    memset(v, 0xee, sizeof v);
    CHECK_EQ(goshim_recv(c, v), GOSHIM_OK);
    for (size_t j = 0; j < sizeof v; j++) CHECK_EQ(v[j], j < size ? i + 1 : 0xee);
  }
  CHECK_EQ(goshim_recv(c, v), GOSHIM_CLOSED);
  for (size_t j = 0; j < sizeof v; j++) CHECK_EQ(v[j], j < size ? 0 : 0xee);
}

static char big[60000], got[60000];

static void send_big(void* arg) { goshim_send(arg, big); }

int main(void) {
  for (size_t size = 1; size <= 40; size++) {
    small(size, 0);
    small(size, 3);
  }
  memset(big, 'x', sizeof big);
  goshim_chan* c = make(sizeof big, 0);
  go(send_big, c);
  CHECK_EQ(goshim_recv(c, got), GOSHIM_OK);
  CHECK(memcmp(big, got, sizeof big) == 0);
  return 0;
}
