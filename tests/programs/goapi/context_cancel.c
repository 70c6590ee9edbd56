// link: -lgoshim
// A cancellation goes down the tree and not up; done is closed, err says why.
#include "api.h"

int main(void) {
  goshim_ctx* root = goshim_ctx_background();
  CHECK(goshim_ctx_done(root) == NULL);
  CHECK_EQ(goshim_ctx_err(root), GOSHIM_CTX_OK);
  CHECK_EQ(goshim_ctx_deadline(root, NULL), 0);
  goshim_ctx* a = goshim_ctx_with_cancel(root);
  goshim_ctx* v = goshim_ctx_with_value(a, "k", "v");
  goshim_ctx* b = goshim_ctx_with_cancel(v);
  goshim_ctx* c = goshim_ctx_with_cancel(b);
  goshim_ctx* sibling = goshim_ctx_with_cancel(a);
  CHECK(goshim_ctx_done(v) == goshim_ctx_done(a));
  CHECK_EQ(goshim_try_recv(goshim_ctx_done(c), NULL), GOSHIM_WOULD_BLOCK);
  goshim_ctx_cancel(b);
  goshim_ctx_cancel(b);
  CHECK_EQ(goshim_try_recv(goshim_ctx_done(b), NULL), GOSHIM_CLOSED);
  CHECK_EQ(goshim_try_recv(goshim_ctx_done(c), NULL), GOSHIM_CLOSED);
  CHECK_EQ(goshim_ctx_err(c), GOSHIM_CANCELED);
  CHECK_EQ(goshim_ctx_err(a), GOSHIM_CTX_OK);
  CHECK_EQ(goshim_ctx_err(sibling), GOSHIM_CTX_OK);
  goshim_ctx_cancel(a);
  CHECK_EQ(goshim_ctx_err(sibling), GOSHIM_CANCELED);
  CHECK_EQ(goshim_ctx_err(v), GOSHIM_CANCELED);
  // A child of what has been cancelled is cancelled.
  goshim_ctx* late = goshim_ctx_with_cancel(v);
  CHECK_EQ(goshim_ctx_err(late), GOSHIM_CANCELED);
  goshim_ctx* all[] = {a, v, b, c, sibling, late};
  for (int i = 0; i < 6; i++) goshim_ctx_unref(all[i]);
  return 0;
}
