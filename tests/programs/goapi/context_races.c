// link: -lgoshim
// Cancellations, deadlines and the last references race.
#include "api.h"

static goshim_wait_group wg;

static void work(void* arg) {
  goshim_ctx* parent = arg;
  for (int i = 0; i < 100; i++) {
    goshim_ctx* c = i % 2 ? goshim_ctx_with_timeout(parent, i * GOSHIM_MICROSECOND)
                          : goshim_ctx_with_cancel(parent);
    goshim_ctx* d = goshim_ctx_with_cancel(c);
    if (i % 3 == 0) goshim_yield();
    if (i % 5 == 0) goshim_ctx_cancel(c);
    goshim_ctx_unref(c);
    if (i % 5 == 0) {
      CHECK_EQ(goshim_recv(goshim_ctx_done(d), NULL), GOSHIM_CLOSED);
      CHECK(goshim_ctx_err(d) != GOSHIM_CTX_OK);
    }
    goshim_ctx_unref(d);
  }
  goshim_ctx_unref(parent);
  goshim_wg_done(&wg);
}

int main(void) {
  for (int round = 0; round < 5; round++) {
    goshim_ctx* root = goshim_ctx_with_timeout(goshim_ctx_background(), round * MS);
    goshim_wg_add(&wg, 8);
    for (int i = 0; i < 8; i++) go(work, goshim_ctx_ref(root));
    if (round == 0) goshim_ctx_cancel(root);
    goshim_wg_wait(&wg);
    goshim_ctx_cancel(root);
    goshim_ctx_unref(root);
  }
  return 0;
}
