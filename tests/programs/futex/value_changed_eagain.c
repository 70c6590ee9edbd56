// covers: syscall
// FUTEX_WAIT on another value returns EAGAIN at once; unaligned and bad addresses and unknown ops
// are refused.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static int words[2] = {5, 5};

static void* body(void* arg) {
  int ops[] = {FUTEX_WAIT, FUTEX_WAIT_PRIVATE};
  for (int i = 0; i < 2; i++) {
    CHECK_ERRNO(syscall(SYS_futex, words, ops[i], 4, NULL, NULL, 0), EAGAIN);
    CHECK_ERRNO(syscall(SYS_futex, (char*)words + 1, ops[i], 5, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_futex, 8, ops[i], 5, NULL, NULL, 0), EFAULT);
    struct timespec bad = {0, 1000000000};
    CHECK_ERRNO(syscall(SYS_futex, words, ops[i], 5, &bad, NULL, 0), EINVAL);
  }
  CHECK_ERRNO(syscall(SYS_futex, words, FUTEX_WAIT_BITSET_PRIVATE, 5, NULL, NULL, 0), EINVAL);
  CHECK_ERRNO(syscall(SYS_futex, words, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 0), EINVAL);
  CHECK_ERRNO(syscall(SYS_futex, words, 99, 0, NULL, NULL, 0), ENOSYS);
  CHECK_EQ(syscall(SYS_futex, words, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
  return arg;
}

int main(void) {
  body(NULL);
  pthread_t t[5];
  for (int i = 0; i < 5; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  return 0;
}
