// link: -lgoshim
// A thousand children, cancelled together, some of them gone already; a chain of ten thousand.
#include "api.h"

static goshim_wait_group wg;

static void work(void* arg) {
  goshim_case k[2] = {goshim_case_recv(goshim_ctx_done(arg), NULL), goshim_case_recv(NULL, NULL)};
  CHECK_EQ(goshim_select(k, 2), 0);
  CHECK_EQ(goshim_ctx_err(arg), GOSHIM_CANCELED);
  goshim_ctx_unref(arg);
  goshim_wg_done(&wg);
}

int main(void) {
  goshim_ctx* root = goshim_ctx_with_cancel(goshim_ctx_background());
  for (int i = 0; i < 1000; i++) goshim_ctx_unref(goshim_ctx_with_cancel(root));
  for (int i = 0; i < 200; i++) {
    goshim_wg_add(&wg, 1);
    go(work, goshim_ctx_with_timeout(root, 60 * GOSHIM_SECOND));
  }
  goshim_ctx* leaf = goshim_ctx_ref(root);
  for (int i = 0; i < 10000; i++) {
    goshim_ctx* child =
        i % 2 ? goshim_ctx_with_cancel(leaf) : goshim_ctx_with_value(leaf, &wg, NULL);
    CHECK(child != NULL);
    goshim_ctx_unref(leaf);
    leaf = child;
  }
  goshim_ctx_cancel(root);
  CHECK_EQ(goshim_ctx_err(leaf), GOSHIM_CANCELED);
  goshim_ctx_unref(leaf);
  goshim_wg_wait(&wg);
  goshim_ctx_unref(root);
  return 0;
}
