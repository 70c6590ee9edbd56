// covers: syscall
// FUTEX_WAIT by many threads, FUTEX_WAKE of some at a time: counts are right and all come back.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static int word, awake;

static void* body(void* arg) {
  while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0) {
    long r = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    CHECK(r == 0 || errno == EAGAIN || errno == EINTR);
  }
  __atomic_add_fetch(&awake, 1, __ATOMIC_SEQ_CST);
  return arg;
}

int main(void) {
  pthread_t t[30];
  CHECK_EQ(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0);
  for (int i = 0; i < 30; i++) t[i] = THREAD(body, NULL);
  sleep_ms(10);
  __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
  long woken = 0;
  while (__atomic_load_n(&awake, __ATOMIC_SEQ_CST) < 30) {
    long n = syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 4, NULL, NULL, 0);
    CHECK(n >= 0 && n <= 4);
    woken += n;
    sched_yield();
  }
  CHECK(woken <= 30);
  for (int i = 0; i < 30; i++) JOIN(t[i]);
  return 0;
}
