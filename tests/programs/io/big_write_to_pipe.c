// covers: write read pipe
// A blocking write larger than the pipe returns only when all of it is taken, and says so.
#include "../help.h"

enum { kSize = 1 << 20 };
static int p[2];
static int written;

static void* writes(void* arg) {
  char* block = arg;
  CHECK_EQ(write(p[1], block, kSize), kSize);
  __atomic_store_n(&written, 1, __ATOMIC_SEQ_CST);
  close(p[1]);
  return NULL;
}

int main(void) {
  CHECK_OK(pipe(p));
  char* block = malloc(kSize);
  for (int i = 0; i < kSize; i++) block[i] = (char)(i * 7 + (i >> 12));
  pthread_t t = THREAD(writes, block);
  char buffer[10000];
  int at = 0;
  for (int k = 0;; k++) {
    if (k % 30 == 0) sleep_ms(1);
    if (at < kSize / 2) CHECK_EQ(__atomic_load_n(&written, __ATOMIC_SEQ_CST), 0);
    ssize_t n = read(p[0], buffer, sizeof buffer);
    CHECK(n >= 0);
    if (n == 0) break;
    CHECK(memcmp(buffer, block + at, (size_t)n) == 0);
    at += (int)n;
  }
  CHECK_EQ(at, kSize);
  JOIN(t);
  free(block);
  return 0;
}
