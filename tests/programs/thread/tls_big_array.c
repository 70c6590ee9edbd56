// covers: pthread_create
// A 48 KB initialised and a 64 KB zero __thread array, aligned to 64, in many threads at once.
#include "../help.h"

static __thread int filled[12 << 10]
    __attribute__((aligned(64))) = {1, 2, 3, [(12 << 10) - 1] = 99};
static __thread char zero[64 << 10] __attribute__((aligned(64)));

static void* body(void* arg) {
  int i = (int)(intptr_t)arg;
  CHECK_EQ((uintptr_t)filled % 64, 0);
  CHECK_EQ((uintptr_t)zero % 64, 0);
  CHECK_EQ(filled[0] + filled[1] + filled[2], 6);
  CHECK_EQ(filled[(12 << 10) - 1], 99);
  for (size_t k = 0; k < sizeof zero; k += 511) CHECK_EQ(zero[k], 0);
  memset(zero, i, sizeof zero);
  filled[5000] = i;
  sleep_ms(3);
  for (size_t k = 0; k < sizeof zero; k++) CHECK(zero[k] == (char)i);
  CHECK_EQ(filled[5000], i);
  return NULL;
}

int main(void) {
  pthread_t t[40];
  for (int round = 0; round < 2; round++) {
    for (intptr_t i = 0; i < 40; i++) t[i] = THREAD(body, (void*)(i + 1));
    for (int i = 0; i < 40; i++) JOIN(t[i]);
  }
  CHECK_EQ(filled[5000], 0);
  return 0;
}
