// link: -lgoshim
// Spec, Program execution: when main returns the program ends; it does not wait for others.
#include "api.h"

static void forever(void* arg) {
  (void)arg;
  for (;;) goshim_sleep(MS);
}

int main(void) {
  for (int i = 0; i < 10; i++) go(forever, NULL);
  goshim_sleep(2 * MS);
  return 0;
}
