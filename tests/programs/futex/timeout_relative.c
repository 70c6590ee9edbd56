// covers: syscall
// FUTEX_WAIT's timeout is relative and never early, private or shared.
#include "../help.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static void* body(void* arg) {
  int word = 0;
  int op = arg ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE;
  for (int i = 0; i < 4; i++) {
    struct timespec ts = {0, 5000000 * (i + 1) + 1};
    long long start = now_ns();
    CHECK_ERRNO(syscall(SYS_futex, &word, op, 0, &ts, NULL, 0), ETIMEDOUT);
    CHECK(now_ns() - start >= ts.tv_nsec);
  }
  struct timespec zero = {0, 0};
  CHECK_ERRNO(syscall(SYS_futex, &word, op, 0, &zero, NULL, 0), ETIMEDOUT);
  return NULL;
}

int main(void) {
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  return 0;
}
