// covers: poll select
// Threads that poll the same descriptor for the same event are all woken by it.
#include "../help.h"

#include <poll.h>
#include <sys/select.h>

static int p[2];

static void* waits(void* arg) {
  if (arg) {
    struct pollfd f = {p[0], POLLIN, 0};
    CHECK_EQ(poll(&f, 1, -1), 1);
    CHECK_EQ(f.revents, POLLIN);
  } else {
    fd_set r;
    FD_ZERO(&r);
    FD_SET(p[0], &r);
    CHECK_EQ(select(p[0] + 1, &r, NULL, NULL, NULL), 1);
    CHECK(FD_ISSET(p[0], &r));
  }
  return NULL;
}

int main(void) {
  CHECK_OK(pipe(p));
  for (int round = 0; round < 4; round++) {
    pthread_t t[12];
    for (intptr_t i = 0; i < 12; i++) t[i] = THREAD(waits, (void*)(i % 2));
    sleep_ms(round * 3);
    write_all(p[1], "x", 1);
    for (int i = 0; i < 12; i++) JOIN(t[i]);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
  }
  return 0;
}
