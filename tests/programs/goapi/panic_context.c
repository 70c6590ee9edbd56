// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: cancel of a context that cannot be cancelled$
// Cancelling what cannot be cancelled panics.
#include "api.h"

int main(void) {
  goshim_ctx_cancel(goshim_ctx_background());
  return 0;
}
