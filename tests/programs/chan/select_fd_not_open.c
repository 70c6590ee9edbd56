// link: -lgoshim
// An fd that is not open is ready, and says POLLNVAL.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

int main(void) {
  goshim_case k[2] = {goshim_case_recv(NULL, NULL), goshim_case_readable(987)};
  CHECK_EQ(goshim_select(k, 2), 1);
  CHECK_EQ(k[1].ok, POLLNVAL);
  return 0;
}
