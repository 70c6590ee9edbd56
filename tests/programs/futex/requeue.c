// covers: syscall
// FUTEX_REQUEUE and CMP_REQUEUE wake some and move the rest to another word, where they are woken.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

enum { kThreads = 10 };
static int a, b, awake;

static void* body(void* arg) {
  CHECK_EQ(syscall(SYS_futex, &a, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), 0);
  __atomic_add_fetch(&awake, 1, __ATOMIC_SEQ_CST);
  return arg;
}

int main(void) {
  for (int round = 0; round < 4; round++) {
    pthread_t t[kThreads];
    awake = 0;
    for (int i = 0; i < kThreads; i++) t[i] = THREAD(body, NULL);
    int woken = 0, moved = 0;
    if (round % 2)
      CHECK_ERRNO(syscall(SYS_futex, &a, FUTEX_CMP_REQUEUE_PRIVATE, 0, 100, &b, 1), EAGAIN);
    while (moved < kThreads) {
      /* REQUEUE counts the woken (and CMP_REQUEUE the moved too): wake none, move what has arrived.
       */
      long n = syscall(SYS_futex, &a, FUTEX_CMP_REQUEUE_PRIVATE, 0, 100, &b, 0);
      CHECK(n >= 0);
      moved += (int)n;
      if (n == 0) sleep_ms(1);
    }
    CHECK_EQ(moved, kThreads);
    CHECK_EQ(syscall(SYS_futex, &a, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0);
    CHECK_EQ(__atomic_load_n(&awake, __ATOMIC_SEQ_CST), 0);
    if (round < 2) {
      /* Move them back, waking three of them. */
      CHECK_EQ(syscall(SYS_futex, &b, FUTEX_CMP_REQUEUE_PRIVATE, 3, 100, &a, 0), kThreads);
      woken += 3;
      CHECK_EQ(syscall(SYS_futex, &b, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0);
      CHECK_EQ(syscall(SYS_futex, &a, FUTEX_REQUEUE_PRIVATE, 2, 100, &b, 0), kThreads - 3);
      woken += 2;
    }
    CHECK_EQ(syscall(SYS_futex, &b, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), kThreads - woken);
    for (int i = 0; i < kThreads; i++) JOIN(t[i]);
    CHECK_EQ(awake, kThreads);
  }
  return 0;
}
