// link: -lgoshim
// Without memory constructors return NULL with ENOMEM, goshim_go() says EAGAIN, and what there is goes on.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "api.h"

static goshim_chan* c;

static void echo(void* arg) {
  (void)arg;
  long v;
  goshim_range(c, &v) goshim_send(c, &v);
}

static void block(void* wg) {
  const struct timespec t = {0, 50000000};
  syscall(SYS_nanosleep, &t, NULL);
  goshim_wg_done(wg);
}

// Kernel threads for later: none is to be had then.
static void have_threads(void) {
  goshim_wait_group wg = {0};
  goshim_wg_add(&wg, 8);
  for (int i = 0; i < 8; i++) go(block, &wg);
  goshim_wg_wait(&wg);
}

static void nothing(void* arg) { (void)arg; }

// As much address space as there is in use now, and no more.
static void limit(void) {
  FILE* f = fopen("/proc/self/statm", "r");
  CHECK(f != NULL);
  unsigned long pages;
  CHECK_EQ(fscanf(f, "%lu", &pages), 1);
  fclose(f);
  struct rlimit r;
  CHECK_OK(getrlimit(RLIMIT_AS, &r));
  r.rlim_cur = pages * 4096;
  CHECK_OK(setrlimit(RLIMIT_AS, &r));
}

int main(void) {
  c = make(sizeof(long), 0);
  go(echo, NULL);
  long v = 1;
  goshim_send(c, &v);
  CHECK_EQ(goshim_recv(c, &v), GOSHIM_OK);
  have_threads();
  limit();

  // Large ones have pages of their own, small ones come from chunks that end.
  errno = 0;
  CHECK(goshim_chan_make(60000, 100000) == NULL);
  CHECK_EQ(errno, ENOMEM);
  int made = 0;
  for (errno = 0; goshim_chan_make(8, 64) != NULL; made++) CHECK(made < 1000000);
  CHECK_EQ(errno, ENOMEM);
  for (errno = 0; goshim_ticker_new(GOSHIM_SECOND) != NULL; made++) CHECK(made < 1000000);
  CHECK_EQ(errno, ENOMEM);
  for (errno = 0; goshim_ctx_with_cancel(goshim_ctx_background()) != NULL; made++)
    CHECK(made < 1000000);
  CHECK_EQ(errno, ENOMEM);
  CHECK(goshim_after(GOSHIM_SECOND) == NULL);

  // Stacks of the dead may be there still.
  int err = 0;
  for (int i = 0; i < 100000 && err == 0; i++) err = goshim_go_with(nothing, NULL, NULL, 4 << 20);
  CHECK_EQ(err, EAGAIN);

  for (v = 10; v < 1000; v++) {
    long back = 0;
    goshim_send(c, &v);
    CHECK_EQ(goshim_recv(c, &back), GOSHIM_OK);
    CHECK_EQ(back, v);
  }
  return 0;
}
