// covers: pipe read write
// 20 pairs of threads pass a counter to and fro over pipes.
#include "../help.h"

static int pipes[20][2][2];

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  int in = pipes[i / 2][i % 2][0], out = pipes[i / 2][1 - i % 2][1];
  int value = 0;
  if (i % 2 == 0) write_all(out, &value, sizeof value);
  for (int k = 0; k < 100; k++) {
    CHECK_EQ(read(in, &value, sizeof value), sizeof value);
    CHECK_EQ(value, 2 * k + 1 - i % 2);
    value++;
    if (i % 2 == 1 || k < 99) CHECK_EQ(write(out, &value, sizeof value), sizeof value);
  }
  return NULL;
}

int main(void) {
  pthread_t t[40];
  for (int i = 0; i < 20; i++) {
    CHECK_OK(pipe(pipes[i][0]));
    CHECK_OK(pipe(pipes[i][1]));
  }
  for (intptr_t i = 0; i < 40; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 40; i++) JOIN(t[i]);
  return 0;
}
