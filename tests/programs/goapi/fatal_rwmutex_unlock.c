// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: fatal error: sync: Unlock of unlocked RWMutex$
// Unlock of an RWMutex that is not locked so is fatal.
#include "api.h"

int main(void) {
  goshim_rwmutex rw = {{0}};
  goshim_rwmutex_unlock(&rw);
  return 0;
}
