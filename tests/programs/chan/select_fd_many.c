// link: -lgoshim
// Forty fds, more than are asked about at once.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

enum { kN = 40 };
static int fds[kN][2];

static void write_some(void* arg) {
  (void)arg;
  for (int i = 0; i < kN; i++) {
    CHECK_EQ(write(fds[i * 7 % kN][1], "x", 1), 1);
    if (i % 4 == 0) goshim_yield();
  }
}

int main(void) {
  for (int i = 0; i < kN; i++) CHECK_OK(pipe(fds[i]));
  go(write_some, NULL);
  int seen[kN] = {0};
  for (int i = 0; i < kN; i++) {
    goshim_case k[kN];
    for (int j = 0; j < kN; j++) k[j] = goshim_case_readable(fds[j][0]);
    int j = goshim_select(k, kN);
    char x;
    CHECK_EQ(read(fds[j][0], &x, 1), 1);
    CHECK_EQ(seen[j]++, 0);
  }
  return 0;
}
