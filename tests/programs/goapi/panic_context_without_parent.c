// link: -lgoshim
// exit: SIGABRT
// expect-stderr: ^goshim: panic: cannot create context from nil parent$
// A context without a parent panics.
#include "api.h"

int main(void) {
  goshim_ctx_with_cancel(NULL);
  return 0;
}
