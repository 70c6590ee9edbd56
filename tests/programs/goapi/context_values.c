// link: -lgoshim
// The nearest value upwards counts.
#include "api.h"

static int k1, k2;

int main(void) {
  goshim_ctx* a = goshim_ctx_with_value(goshim_ctx_background(), &k1, "one");
  goshim_ctx* b = goshim_ctx_with_value(a, &k2, "two");
  goshim_ctx* c = goshim_ctx_with_cancel(b);
  goshim_ctx* d = goshim_ctx_with_value(c, &k1, "three");
  goshim_ctx_unref(a);
  goshim_ctx_unref(b);
  CHECK_STR((char*)goshim_ctx_value(d, &k1), "three");
  CHECK_STR((char*)goshim_ctx_value(c, &k1), "one");
  CHECK_STR((char*)goshim_ctx_value(d, &k2), "two");
  CHECK(goshim_ctx_value(d, main) == NULL);
  CHECK(goshim_ctx_value(d, NULL) == NULL);
  goshim_ctx_unref(c);
  goshim_ctx_unref(d);
  return 0;
}
