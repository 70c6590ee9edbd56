// covers: syscall
// FUTEX_WAKE_BITSET wakes only waiters whose bits meet its own.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static int word, woken[3];

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  long r = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 1 << i);
  CHECK_EQ(r, 0);
  __atomic_add_fetch(&woken[i], 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void wake(int bits, int want) {
  int got = 0;
  while (got < want) { /* until the waiters have arrived */
    long n = syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, bits);
    CHECK(n >= 0);
    got += (int)n;
    if (n == 0) sleep_ms(1);
  }
  CHECK_EQ(got, want);
}

int main(void) {
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++) t[i] = THREAD(body, (void*)(i % 3));
  CHECK_EQ(syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 8), 0);
  wake(2, 4);
  for (int i = 1; i < 12; i += 3) JOIN(t[i]);
  CHECK_EQ(woken[1], 4);
  CHECK_EQ(__atomic_load_n(&woken[0], __ATOMIC_SEQ_CST), 0);
  CHECK_EQ(__atomic_load_n(&woken[2], __ATOMIC_SEQ_CST), 0);
  wake(4 | 1 | 8, 8);
  for (int i = 0; i < 12; i++)
    if (i % 3 != 1) JOIN(t[i]);
  CHECK_EQ(woken[0], 4);
  CHECK_EQ(woken[2], 4);
  return 0;
}
