// covers: syscall
// FUTEX_WAIT_BITSET's timeout is absolute, on the monotonic clock or with the flag on the realtime
// one.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static void* body(void* arg) {
  int word = 0, real = arg != NULL;
  int op = FUTEX_WAIT_BITSET_PRIVATE | (real ? FUTEX_CLOCK_REALTIME : 0);
  clockid_t clock = real ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  for (int i = 0; i < 4; i++) {
    struct timespec at = deadline_ms(clock, 5 * i + 5);
    CHECK_ERRNO(syscall(SYS_futex, &word, op, 0, &at, NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
    CHECK(past(clock, at));
  }
  struct timespec old = {1, 0};
  CHECK_ERRNO(syscall(SYS_futex, &word, op, 0, &old, NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
  return NULL;
}

int main(void) {
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  return 0;
}
