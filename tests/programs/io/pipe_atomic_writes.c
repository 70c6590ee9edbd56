// covers: write read
// Writes of up to PIPE_BUF from 12 threads into one pipe are never mixed.
#include "../help.h"

#include <limits.h>

struct record {
  int thread, number;
  char fill[1000];
};
static int p[2];

static void* writes(void* arg) {
  struct record r;
  r.thread = (int)(intptr_t)arg;
  for (r.number = 0; r.number < 50; r.number++) {
    memset(r.fill, r.thread * 50 + r.number, sizeof r.fill);
    CHECK_EQ(write(p[1], &r, sizeof r), sizeof r);
  }
  return NULL;
}

int main(void) {
  int next[12] = {0};
  CHECK(sizeof(struct record) <= PIPE_BUF);
  CHECK_OK(pipe(p));
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++) t[i] = THREAD(writes, (void*)i);
  for (int i = 0; i < 12 * 50; i++) {
    struct record r;
    CHECK_EQ(read_all(p[0], &r, sizeof r), sizeof r);
    CHECK(r.thread >= 0 && r.thread < 12);
    CHECK_EQ(r.number, next[r.thread]++);
    for (int k = 0; k < 1000; k++) CHECK_EQ(r.fill[k], (char)(r.thread * 50 + r.number));
  }
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  return 0;
}
