// also: GOSHIM_PATCH=0
// 32 threads wait for locks inside libc, where nobody sees it: each writes to a stream that one more thread has locked.
#include "blocked.h"

static FILE* stream[kBlocked];

static void write_line(int i) { CHECK(fprintf(stream[i], "line %d\n", i) > 0); }

static void let_go(int i) { funlockfile(stream[i]); }

int main(void) {
  for (int i = 0; i < kBlocked; i++) {
    stream[i] = tmpfile();
    CHECK(stream[i]);
    flockfile(stream[i]);
  }
  run_blocked(write_line, let_go);
  for (int i = 0; i < kBlocked; i++) {
    int n = -1;
    rewind(stream[i]);
    CHECK_EQ(fscanf(stream[i], "line %d", &n), 1);
    CHECK_EQ(n, i);
    CHECK_OK(fclose(stream[i]));
  }
  return 0;
}
