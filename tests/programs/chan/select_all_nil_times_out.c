// link: -lgoshim
// A select with nothing that could ever go on lasts its time.
#include "api.h"

int main(void) {
  goshim_case k[2] = {goshim_case_recv(NULL, NULL), goshim_case_send(NULL, NULL)};
  long long start = now_ns();
  CHECK_EQ(goshim_select_for(k, 2, 5 * MS), GOSHIM_DEFAULT);
  CHECK_EQ(goshim_select_for(NULL, 0, 5 * MS), GOSHIM_DEFAULT);
  CHECK(now_ns() - start >= 10 * MS);
  return 0;
}
