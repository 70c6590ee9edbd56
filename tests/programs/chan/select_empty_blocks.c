// link: -lgoshim
// Spec, Select statements: select {} blocks for ever.
#include "api.h"

static int passed;

static void block(void* arg) {
  (void)arg;
  goshim_select(NULL, 0);
  passed = 1;
}

int main(void) {
  go(block, NULL);
  goshim_sleep(10 * MS);
  CHECK_EQ(passed, 0);
  return 0;
}
