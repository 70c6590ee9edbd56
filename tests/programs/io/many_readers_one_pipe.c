// covers: read write close
// 20 threads read one pipe: each byte goes to one of them, and the end to all.
#include "../help.h"

static int p[2];
static int seen[1000];

static void* reads(void* arg) {
  short value;
  ssize_t n;
  while ((n = read(p[0], &value, sizeof value)) == sizeof value)
    __atomic_add_fetch(&seen[value], 1, __ATOMIC_SEQ_CST);
  CHECK_EQ(n, 0);
  return arg;
}

int main(void) {
  pthread_t t[20];
  CHECK_OK(pipe(p));
  for (int i = 0; i < 20; i++) t[i] = THREAD(reads, NULL);
  for (short i = 0; i < 1000; i++) {
    write_all(p[1], &i, sizeof i);
    if (i % 100 == 0) sleep_ms(1);
  }
  close(p[1]);
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  for (int i = 0; i < 1000; i++) CHECK_EQ(seen[i], 1);
  return 0;
}
