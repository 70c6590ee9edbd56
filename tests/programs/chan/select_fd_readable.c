// link: -lgoshim
// An fd that becomes readable is a case like others.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static int fds[2];

static void write_it(void* arg) {
  (void)arg;
  let_them_wait();
  CHECK_EQ(write(fds[1], "x", 1), 1);
}

int main(void) {
  CHECK_OK(pipe(fds));
  goshim_chan* c = make(sizeof(int), 0);
  for (int i = 0; i < 3; i++) {
    go(write_it, NULL);
    goshim_case k[2] = {goshim_case_recv(c, NULL), goshim_case_readable(fds[0])};
    CHECK_EQ(goshim_select(k, 2), 1);
    CHECK(k[1].ok & POLLIN);
    char x;
    CHECK_EQ(read(fds[0], &x, 1), 1);
    CHECK_EQ(goshim_try_select(k, 2), GOSHIM_DEFAULT);
  }
  return 0;
}
