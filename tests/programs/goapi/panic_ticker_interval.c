// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: non-positive interval for NewTicker$
// A ticker without an interval panics.
#include "api.h"

int main(void) {
  goshim_ticker_new(0);
  return 0;
}
