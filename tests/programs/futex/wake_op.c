// covers: syscall
// FUTEX_WAKE_OP changes the second word and wakes there too when the comparison with the old value
// holds.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static int a, b, woken_a, woken_b;

static void* waits(void* arg) {
  int* word = arg ? &b : &a;
  int value = __atomic_load_n(word, __ATOMIC_SEQ_CST);
  CHECK_EQ(syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0), 0);
  __atomic_add_fetch(arg ? &woken_b : &woken_a, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(void) {
  b = 7;
  int add = (int)FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 100);
  CHECK_EQ(syscall(SYS_futex, &a, FUTEX_WAKE_OP_PRIVATE, 10, 10, &b, add), 0);
  CHECK_EQ(b, 10);
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(waits, (void*)(i % 2));
  /* The comparison fails: only waiters on the first word are woken. */
  int nothing = (int)FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_GT, 500);
  for (long got = 0; got < 4;) {
    long n = syscall(SYS_futex, &a, FUTEX_WAKE_OP_PRIVATE, 10, 10, &b, nothing);
    CHECK(n >= 0);
    got += n;
    CHECK(got <= 4);
    if (n == 0) sleep_ms(1);
  }
  for (int i = 0; i < 8; i += 2) JOIN(t[i]);
  CHECK_EQ(woken_a, 4);
  CHECK_EQ(__atomic_load_n(&woken_b, __ATOMIC_SEQ_CST), 0);
  int same = (int)FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 10);
  for (long got = 0; got < 4;) {
    long n = syscall(SYS_futex, &a, FUTEX_WAKE_OP_PRIVATE, 10, 10, &b, same);
    CHECK(n >= 0);
    got += n;
    CHECK(got <= 4);
    if (n == 0) sleep_ms(1);
  }
  for (int i = 1; i < 8; i += 2) JOIN(t[i]);
  CHECK_EQ(woken_b, 4);
  int set = (int)FUTEX_OP(FUTEX_OP_SET, 4, FUTEX_OP_CMP_EQ, 10);
  CHECK_EQ(syscall(SYS_futex, &a, FUTEX_WAKE_OP_PRIVATE, 1, 1, &b, set), 0);
  CHECK_EQ(b, 4);
  return 0;
}
