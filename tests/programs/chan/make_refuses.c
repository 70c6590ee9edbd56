// link: -lgoshim
// Sizes beyond all reason and exhausted memory give NULL and ENOMEM.
#include "api.h"

int main(void) {
  errno = 0;
  CHECK(goshim_chan_make(1 << 20, 1) == NULL);
  CHECK_EQ(errno, ENOMEM);
  errno = 0;
  CHECK(goshim_chan_make(8, SIZE_MAX / 2) == NULL);
  CHECK_EQ(errno, ENOMEM);
  goshim_chan* c = make(1 << 15, 1 << 10);
  goshim_chan_unref(c);
  return 0;
}
