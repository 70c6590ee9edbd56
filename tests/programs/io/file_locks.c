// covers: flock open
// Threads wait in flock for each other's open files; LOCK_NB says EWOULDBLOCK meanwhile.
#include "../help.h"

#include <fcntl.h>
#include <sys/file.h>

static char name[] = "test-lock-XXXXXX";
static int inside, count;

static void* body(void* arg) {
  int fd = open(name, O_RDWR);
  CHECK(fd >= 0);
  for (int i = 0; i < 10; i++) {
    CHECK_OK(flock(fd, LOCK_EX));
    CHECK_EQ(__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST), 1);
    if (i % 5 == 0) {
      int other = open(name, O_RDWR);
      sleep_ms(1);
      CHECK_ERRNO(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
      close(other);
    }
    count++;
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    CHECK_OK(flock(fd, LOCK_UN));
  }
  close(fd);
  return arg;
}

int main(void) {
  int fd = mkstemp(name);
  CHECK(fd >= 0);
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  CHECK_OK(unlink(name));
  CHECK_EQ(count, 100);
  return 0;
}
