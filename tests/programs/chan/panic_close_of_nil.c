// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: close of nil channel$
// Spec, Close: closing a nil channel panics.
#include "api.h"

int main(void) {
  goshim_close(NULL);
  return 0;
}
