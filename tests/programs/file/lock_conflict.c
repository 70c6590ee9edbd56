// covers: fcntl lockf flock
// What does not wait: F_SETLK, F_TEST, F_TLOCK and LOCK_NB against another process; a deadlock of two processes is EDEADLK.
#include "../help.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

static char name[] = "test-lock-XXXXXX";

static int range(int fd, int cmd, int type, off_t at) {
  struct flock l = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
  return fcntl(fd, cmd, &l);
}

static void* idle(void* arg) { return arg; }

int main(void) {
  pthread_t t = THREAD(idle, NULL);
  JOIN(t);
  int fd = mkstemp(name);
  CHECK(fd >= 0);
  int ready[2], go[2];
  CHECK_OK(pipe(ready));
  CHECK_OK(pipe(go));
  char c;
  pid_t child = fork();
  if (child == 0) {
    fd = open(name, O_RDWR);
    CHECK_OK(range(fd, F_SETLKW, F_WRLCK, 0));
    CHECK_OK(flock(fd, LOCK_EX));
    write_all(ready[1], "x", 1);
    CHECK_EQ(read(go[0], &c, 1), 1);
    CHECK_OK(range(fd, F_SETLKW, F_WRLCK, 1));  // until the parent gives it up
    _exit(0);
  }
  CHECK_EQ(read(ready[0], &c, 1), 1);
  CHECK(range(fd, F_SETLK, F_WRLCK, 0) == -1 && (errno == EAGAIN || errno == EACCES));
  CHECK(lockf(fd, F_TLOCK, 1) == -1 && (errno == EAGAIN || errno == EACCES));
  CHECK(lockf(fd, F_TEST, 1) == -1 && (errno == EAGAIN || errno == EACCES));
  CHECK_ERRNO(flock(fd, LOCK_EX | LOCK_NB), EWOULDBLOCK);
  CHECK_ERRNO(flock(-1, LOCK_EX), EBADF);
  CHECK_ERRNO(fcntl(-1, F_SETLKW, &(struct flock){.l_type = F_WRLCK}), EBADF);
  CHECK_OK(range(fd, F_SETLKW, F_WRLCK, 1));
  write_all(go[1], "x", 1);
  sleep_ms(30);  // it waits for byte 1, which we hold
  CHECK_ERRNO(range(fd, F_SETLKW, F_WRLCK, 0), EDEADLK);
  CHECK_OK(range(fd, F_SETLKW, F_UNLCK, 1));
  int status;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_OK(unlink(name));
  return 0;
}
