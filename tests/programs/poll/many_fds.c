// covers: poll write
// poll over 200 pipes wakes for whichever is written and reports exactly that one.
#include "../help.h"

#include <poll.h>

enum { kPipes = 200 };
static int p[kPipes][2];

static void* writes(void* arg) {
  int* acknowledged = arg;
  for (int i = 0; i < 60; i++) {
    while (__atomic_load_n(acknowledged, __ATOMIC_SEQ_CST) < i) sched_yield();
    if (i % 10 == 0) sleep_ms(1);
    write_all(p[i * 37 % kPipes][1], "x", 1);
  }
  return NULL;
}

int main(void) {
  struct pollfd f[kPipes + 1];
  int acknowledged = 0;
  for (int i = 0; i < kPipes; i++) {
    CHECK_OK(pipe(p[i]));
    f[i].fd = p[i][0];
    f[i].events = POLLIN;
  }
  f[kPipes].fd = -1;
  f[kPipes].events = POLLIN;
  pthread_t t = THREAD(writes, &acknowledged);
  for (int i = 0; i < 60; i++) {
    CHECK_EQ(poll(f, kPipes + 1, -1), 1);
    for (int k = 0; k <= kPipes; k++) CHECK_EQ(f[k].revents, k == i * 37 % kPipes ? POLLIN : 0);
    char c;
    CHECK_EQ(read(p[i * 37 % kPipes][0], &c, 1), 1);
    __atomic_store_n(&acknowledged, i + 1, __ATOMIC_SEQ_CST);
  }
  JOIN(t);
  return 0;
}
