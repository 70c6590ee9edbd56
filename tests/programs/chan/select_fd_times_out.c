// link: -lgoshim
// A timed select over fds is never early.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

int main(void) {
  int fds[2];
  CHECK_OK(pipe(fds));
  goshim_case k[2] = {goshim_case_readable(fds[0]), goshim_case_recv(NULL, NULL)};
  for (int i = 1; i <= 5; i++) {
    long long start = now_ns();
    CHECK_EQ(goshim_select_for(k, 2, i * MS), GOSHIM_DEFAULT);
    CHECK(now_ns() - start >= i * MS);
  }
  return 0;
}
