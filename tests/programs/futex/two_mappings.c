// covers: syscall mmap
// Two mappings of one file page are one futex for shared calls: a wait at one address is woken at
// the other.
#include "../help.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int *a, *b;

static void* waits(void* arg) {
  while (__atomic_load_n(a, __ATOMIC_SEQ_CST) == 0) {
    long r = syscall(SYS_futex, a, FUTEX_WAIT, 0, NULL, NULL, 0);
    CHECK(r == 0 || errno == EAGAIN);
  }
  return arg;
}

int main(void) {
  int fd = memfd_create("page", 0);
  CHECK(fd >= 0);
  CHECK_OK(ftruncate(fd, 4096));
  a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(a != MAP_FAILED && b != MAP_FAILED && a != b);
  pthread_t t[5];
  for (int i = 0; i < 5; i++) t[i] = THREAD(waits, NULL);
  sleep_ms(10);
  __atomic_store_n(b, 1, __ATOMIC_SEQ_CST);
  CHECK(syscall(SYS_futex, b, FUTEX_WAKE, 100, NULL, NULL, 0) >= 0);
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  return 0;
}
