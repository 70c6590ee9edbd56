// covers: open close
// While others sleep in the kernel unannounced and work waits, an open gets the lowest free number.
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "../help.h"

enum { kSleepers = 4, kOpens = 20000 };

static atomic_int done;

// A system call that no library sees.
static void sleep_unseen(void) {
  const struct timespec ts = {0, 400 * 1000};
  long ret;
  __asm__ volatile("syscall"
                   : "=a"(ret)
                   : "a"(SYS_nanosleep), "D"(&ts), "S"(NULL)
                   : "rcx", "r11", "memory");
}

static void* sleeps(void* arg) {
  (void)arg;
  while (!atomic_load(&done)) {
    sleep_unseen();
    sched_yield();
  }
  return NULL;
}

int main(void) {
  pthread_t t[kSleepers];
  for (int i = 0; i < kSleepers; i++) t[i] = THREAD(sleeps, NULL);
  const int lowest = dup(0);
  CHECK(lowest >= 0);
  close(lowest);
  for (int i = 0; i < kOpens; i++) {
    const int fd = open("/dev/null", O_RDONLY);
    CHECK_EQ(fd, lowest);
    close(fd);
    if (i % 64 == 0) sched_yield();
  }
  atomic_store(&done, 1);
  for (int i = 0; i < kSleepers; i++) JOIN(t[i]);
  return 0;
}
