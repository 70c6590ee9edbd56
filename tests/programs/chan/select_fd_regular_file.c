// link: -lgoshim
// A regular file is always ready.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

int main(void) {
  int fd = open("/proc/self/exe", O_RDONLY);
  CHECK(fd >= 0);
  goshim_case k[1] = {goshim_case_readable(fd)};
  CHECK_EQ(goshim_select(k, 1), 0);
  CHECK(k[0].ok & POLLIN);
  return 0;
}
