// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: fatal error: sync: RUnlock of unlocked RWMutex$
// RUnlock of an RWMutex that is not locked so is fatal.
#include "api.h"

int main(void) {
  goshim_rwmutex rw = {{0}};
  goshim_rwmutex_runlock(&rw);
  return 0;
}
