// link: -lgoshim
// The end of the other side makes an fd ready.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static int fds[2];

static void close_it(void* arg) {
  (void)arg;
  let_them_wait();
  close(fds[1]);
}

int main(void) {
  CHECK_OK(pipe(fds));
  go(close_it, NULL);
  goshim_case k[1] = {goshim_case_readable(fds[0])};
  CHECK_EQ(goshim_select(k, 1), 0);
  CHECK(k[0].ok & POLLHUP);
  char x;
  CHECK_EQ(read(fds[0], &x, 1), 0);
  return 0;
}
