// covers: poll close
// A closed number among others gives POLLNVAL at once, and waiting on the rest works.
#include "../help.h"

#include <poll.h>

static int p[2], q[2];

static void* body(void* arg) {
  int gone = dup(p[0]);
  CHECK(gone >= 0);
  close(gone);
  struct pollfd f[3] = {{p[0], POLLIN, 0}, {100000, POLLIN, 0}, {q[0], POLLIN, 0}};
  CHECK_EQ(poll(f, 3, -1), 1);
  CHECK_EQ(f[0].revents, 0);
  CHECK_EQ(f[1].revents, POLLNVAL);
  CHECK_EQ(f[2].revents, 0);
  f[1].fd = -1;
  CHECK_EQ(poll(f, 3, 5), 0);
  write_all(q[1], "x", 1);
  CHECK_EQ(poll(f, 3, -1), 1);
  CHECK_EQ(f[2].revents, POLLIN);
  return arg;
}

int main(void) {
  CHECK_OK(pipe(p));
  CHECK_OK(pipe(q));
  JOIN(THREAD(body, NULL));
  return 0;
}
