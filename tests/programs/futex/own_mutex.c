// covers: syscall
// A three-state mutex of the program's own, on raw futex calls, keeps 20 threads apart.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static int word, count, inside;

static void lock(void) {
  int c = 0;
  if (__atomic_compare_exchange_n(&word, &c, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  while (__atomic_exchange_n(&word, 2, __ATOMIC_ACQUIRE) != 0)
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

static void unlock(void) {
  if (__atomic_exchange_n(&word, 0, __ATOMIC_RELEASE) == 2)
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void* body(void* arg) {
  for (int i = 0; i < 200; i++) {
    lock();
    CHECK_EQ(inside++, 0);
    if (i % 20 == 0) sched_yield();
    if (i % 100 == 0) sleep_ms(1);
    count++;
    inside--;
    unlock();
  }
  return arg;
}

int main(void) {
  pthread_t t[20];
  for (int i = 0; i < 20; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK_EQ(count, 4000);
  return 0;
}
