// env: GOSHIM_MAXMS=4
// expect-stderr: GOSHIM_MAXMS reached
// More threads blocked at once, where nobody sees it, than there may be kernel threads under the library: the one that
// releases them gets on all the same. Then 200 that block for a moment take turns.
#include "../help.h"
#include "instruction.h"

#include <sys/syscall.h>

enum { kBlocked = 7, kMany = 200 };

static int p[kBlocked][2];
static int entered;

static void* read_unseen(void* arg) {
  char c = 0;
  __atomic_add_fetch(&entered, 1, __ATOMIC_SEQ_CST);
  CHECK_EQ(instruction(SYS_read, p[(intptr_t)arg][0], (long)&c, 1, 0), 1);
  return p;
}

static void* sleep_unseen(void* arg) {
  struct timespec moment = {0, 1000000};
  CHECK_EQ(instruction(SYS_nanosleep, (long)&moment, 0, 0, 0), 0);
  return arg;
}

int main(void) {
  pthread_t t[kMany];
  for (intptr_t i = 0; i < kBlocked; i++) {
    CHECK_OK(pipe(p[i]));
    t[i] = THREAD(read_unseen, (void*)i);
  }
  while (__atomic_load_n(&entered, __ATOMIC_SEQ_CST) < kBlocked) sleep_ms(1);
  for (int i = 0; i < kBlocked; i++) {
    write_all(p[i][1], "x", 1);
    CHECK(JOIN(t[i]) == p);
  }
  for (int i = 0; i < kMany; i++) t[i] = THREAD(sleep_unseen, p);
  for (int i = 0; i < kMany; i++) CHECK(JOIN(t[i]) == p);
  return 0;
}
