// covers: pipe read write close
// A pipeline of 50 threads joined by pipes: every number comes out once, in order, increased by
// each stage.
#include "../help.h"

enum { kStages = 50, kNumbers = 200 };
static int p[kStages + 1][2];

static void* stage(void* arg) {
  intptr_t i = (intptr_t)arg;
  int value;
  while (read_all(p[i][0], &value, sizeof value) == sizeof value) {
    value++;
    write_all(p[i + 1][1], &value, sizeof value);
  }
  CHECK_OK(close(p[i][0]));
  CHECK_OK(close(p[i + 1][1]));
  return NULL;
}

static void* source(void* arg) {
  for (int i = 0; i < kNumbers; i++) write_all(p[0][1], &i, sizeof i);
  CHECK_OK(close(p[0][1]));
  return arg;
}

int main(void) {
  pthread_t t[kStages];
  int value;
  for (int i = 0; i <= kStages; i++) CHECK_OK(pipe(p[i]));
  for (intptr_t i = 0; i < kStages; i++) t[i] = THREAD(stage, (void*)i);
  pthread_t s = THREAD(source, NULL);
  for (int i = 0; i < kNumbers; i++) {
    CHECK_EQ(read_all(p[kStages][0], &value, sizeof value), sizeof value);
    CHECK_EQ(value, i + kStages);
  }
  CHECK_EQ(read(p[kStages][0], &value, 1), 0);
  JOIN(s);
  for (int i = 0; i < kStages; i++) JOIN(t[i]);
  return 0;
}
