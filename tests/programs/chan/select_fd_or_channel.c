// link: -lgoshim
// Channels beside fds: what comes first is chosen, and nobody starves when both always can.
#include "api.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static void send_it(void* arg) {
  let_them_wait();
  int v = 12;
  goshim_send(arg, &v);
}

int main(void) {
  int fds[2];
  CHECK_OK(pipe(fds));
  goshim_chan* c = make(sizeof(int), 0);
  go(send_it, c);
  int v = 0;
  goshim_case k[2] = {goshim_case_readable(fds[0]), goshim_case_recv(c, &v)};
  CHECK_EQ(goshim_select(k, 2), 1);
  CHECK_EQ(v, 12);
  // Both ready.
  CHECK_EQ(write(fds[1], "x", 1), 1);
  goshim_chan* full = make(sizeof(int), 200);
  for (int i = 0; i < 200; i++) goshim_send(full, &i);
  k[1] = goshim_case_recv(full, &v);
  int count[2] = {0, 0};
  for (int i = 0; i < 200; i++) count[goshim_select(k, 2)]++;
  CHECK(count[0] > 0 && count[1] > 0);
  return 0;
}
