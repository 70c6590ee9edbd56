// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: fatal error: sync: unlock of unlocked mutex$
// Unlocking what is not locked is fatal.
#include "api.h"

int main(void) {
  goshim_mutex m = {{0}};
  goshim_mutex_lock(&m);
  goshim_mutex_unlock(&m);
  goshim_mutex_unlock(&m);
  return 0;
}
