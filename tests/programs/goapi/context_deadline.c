// link: -lgoshim
// A deadline cancels by itself, not early; a child's is never later than its parent's.
#include "api.h"

int main(void) {
  int64_t start = goshim_nanotime(), at;
  goshim_ctx* a = goshim_ctx_with_timeout(goshim_ctx_background(), 5 * MS);
  goshim_ctx* b = goshim_ctx_with_timeout(a, 10 * GOSHIM_SECOND);
  goshim_ctx* c = goshim_ctx_with_cancel(b);
  CHECK_EQ(goshim_ctx_deadline(c, &at), 1);
  CHECK(at - start >= 5 * MS && at - start < GOSHIM_SECOND);
  CHECK_EQ(goshim_recv(goshim_ctx_done(c), NULL), GOSHIM_CLOSED);
  CHECK(goshim_nanotime() - start >= 5 * MS);
  CHECK_EQ(goshim_ctx_err(a), GOSHIM_DEADLINE_EXCEEDED);
  CHECK_EQ(goshim_ctx_err(c), GOSHIM_DEADLINE_EXCEEDED);
  // One that has passed.
  goshim_ctx* past = goshim_ctx_with_deadline(goshim_ctx_background(), start);
  CHECK_EQ(goshim_ctx_err(past), GOSHIM_DEADLINE_EXCEEDED);
  // Cancelled before its time.
  goshim_ctx* early = goshim_ctx_with_timeout(goshim_ctx_background(), 10 * GOSHIM_SECOND);
  goshim_ctx_cancel(early);
  CHECK_EQ(goshim_ctx_err(early), GOSHIM_CANCELED);
  goshim_ctx* all[] = {a, b, c, past, early};
  for (int i = 0; i < 5; i++) goshim_ctx_unref(all[i]);
  return 0;
}
