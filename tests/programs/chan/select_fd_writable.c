// link: -lgoshim
// Waiting until a full socket takes more.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static int fds[2];
static char buf[65536];

static void drain(void* arg) {
  (void)arg;
  let_them_wait();
  while (recv(fds[1], buf, sizeof buf, MSG_DONTWAIT) > 0) {
  }
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  goshim_case k[1] = {goshim_case_writable(fds[0])};
  CHECK_EQ(goshim_select(k, 1), 0);
  CHECK(k[0].ok & POLLOUT);
  while (send(fds[0], buf, sizeof buf, MSG_DONTWAIT) > 0) {
  }
  CHECK_EQ(goshim_try_select(k, 1), GOSHIM_DEFAULT);
  go(drain, NULL);
  CHECK_EQ(goshim_select(k, 1), 0);
  CHECK(k[0].ok & POLLOUT);
  return 0;
}
