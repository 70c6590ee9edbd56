// link: -lgoshim
// cflags: -DGOSHIM_DEBUG
// exit: SIGABRT
// expect-stderr: ^goshim: panic: element size is not the channel's$
// With GOSHIM_DEBUG a variable of the wrong size is noticed.
#include "api.h"

int main(void) {
  goshim_chan* c = make(sizeof(int), 1);
  int right = 1;
  goshim_send(c, &right);
  long wrong;
  goshim_recv(c, &wrong);
  return 0;
}
