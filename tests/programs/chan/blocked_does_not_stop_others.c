// link: -lgoshim
// A goroutine that blocks its kernel thread, or computes, does not keep others from their channels.
#include "api.h"

#include <sys/syscall.h>

static void hog(void* arg) {
  (void)arg;
  long long end = now_ns() + 60 * MS;
  while (now_ns() < end) {
  }
}

static void block(void* arg) {
  (void)arg;
  struct timespec ts = {0, 60 * MS};
  syscall(SYS_nanosleep, &ts, NULL);
}

static void pong(void* arg) {
  goshim_chan** c = arg;
  int v;
  goshim_range(c[0], &v) goshim_send(c[1], &v);
}

int main(void) {
  goshim_chan* c[2] = {make(sizeof(int), 0), make(sizeof(int), 0)};
  go(pong, c);
  for (int i = 0; i < 3; i++) go(i % 2 ? hog : block, NULL);
  for (int i = 0; i < 200; i++) {
    int v;
    goshim_send(c[0], &i);
    goshim_recv(c[1], &v);
    CHECK_EQ(v, i);
  }
  return 0;
}
