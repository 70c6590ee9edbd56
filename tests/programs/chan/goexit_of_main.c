// link: -lgoshim
// Goexit of main: the others go on, and the last of them ends the process.
#include "api.h"

static void last(void* arg) {
  (void)arg;
  goshim_sleep(5 * MS);
  _exit(0);
}

int main(void) {
  go(last, NULL);
  goshim_goexit();
  return 1;
}
