// link: -lgoshim
// After: a channel that gets the time once; as a timeout in a select.
#include "api.h"

int main(void) {
  goshim_chan* never = make(sizeof(int), 0);
  for (int i = 0; i < 5; i++) {
    int64_t start = goshim_nanotime(), at;
    goshim_chan* timeout = goshim_after(2 * MS);
    CHECK(timeout != NULL);
    goshim_case k[2] = {goshim_case_recv(never, NULL), goshim_case_recv(timeout, &at)};
    CHECK_EQ(goshim_select(k, 2), 1);
    CHECK(at - start >= 2 * MS);
    goshim_chan_unref(timeout);
  }
  // Not waited for: its memory goes when it has fired.
  goshim_chan_unref(goshim_after(MS));
  goshim_sleep(2 * MS);
  return 0;
}
