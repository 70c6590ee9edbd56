// covers: flock lockf fcntl open
// 16 threads wait at once for a lock that another process holds, each kind in turn; one more thread goes on meanwhile.
#include "../help.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

enum { kWaiters = 16 };

static char name[] = "test-lock-XXXXXX";
static int kind, got;

static int lock(int fd) {
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  switch (kind) {
    case 0:
      return flock(fd, LOCK_EX);
    case 1:
      return fcntl(fd, F_SETLKW, &l);
    case 2:
      return fcntl(fd, F_OFD_SETLKW, &l);
    default:
      return lockf(fd, F_LOCK, 0);
  }
}

static void* waiter(void* arg) {
  int fd = open(name, O_RDWR);
  CHECK(fd >= 0);
  CHECK_OK(lock(fd));
  __atomic_add_fetch(&got, 1, __ATOMIC_SEQ_CST);
  close(fd);
  return arg;
}

int main(void) {
  CHECK(mkstemp(name) >= 0);
  for (kind = 0; kind < 4; kind++) {
    int ready[2], go[2];
    CHECK_OK(pipe(ready));
    CHECK_OK(pipe(go));
    pid_t child = fork();
    if (child == 0) {
      char c = 0;
      int fd = open(name, O_RDWR);
      CHECK_OK(lock(fd));
      write_all(ready[1], "x", 1);
      CHECK_EQ(read(go[0], &c, 1), 1);
      _exit(0);
    }
    CHECK(child > 0);
    char c;
    CHECK_EQ(read(ready[0], &c, 1), 1);
    got = 0;
    pthread_t t[kWaiters];
    for (int i = 0; i < kWaiters; i++) t[i] = THREAD(waiter, NULL);
    for (int i = 0; i < 20; i++) sleep_ms(1);
    CHECK_EQ(__atomic_load_n(&got, __ATOMIC_SEQ_CST), 0);
    write_all(go[1], "x", 1);
    for (int i = 0; i < kWaiters; i++) JOIN(t[i]);
    CHECK_EQ(got, kWaiters);
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    for (int i = 0; i < 2; i++) {
      close(ready[i]);
      close(go[i]);
    }
  }
  CHECK_OK(unlink(name));
  return 0;
}
