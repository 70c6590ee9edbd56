// covers: flock lockf fcntl
// also: GOSHIM_PATCH=0
// 32 threads each wait for a lock that another process holds, each kind of lock in turn.
#include "blocked.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

enum Kind { kFlock, kRecord, kOpenFile, kSection, kKinds };

static enum Kind kind;
static int gate[2];

static int lock(int fd) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  switch (kind) {
    case kFlock:
      return flock(fd, LOCK_EX);
    case kRecord:
      return fcntl(fd, F_SETLKW, &whole);
    case kOpenFile:
      return fcntl(fd, F_OFD_SETLKW, &whole);
    default:
      return lockf(fd, F_LOCK, 0);
  }
}

static int open_file(int i) {
  char name[20];
  snprintf(name, sizeof name, "lock-%d", i);
  int fd = open(name, O_RDWR | O_CREAT, 0600);
  CHECK(fd >= 0);
  return fd;
}

// Holds all locks, says so, and gives up those whose number comes.
static pid_t start_holder(void) {
  int ready[2];
  char i;
  CHECK_OK(pipe(gate));
  CHECK_OK(pipe(ready));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int fd[kBlocked];
    for (int k = 0; k < kBlocked; k++) {
      fd[k] = open_file(k);
      CHECK_OK(lock(fd[k]));
    }
    close(gate[1]);
    write_all(ready[1], "r", 1);
    while (read(gate[0], &i, 1) == 1) close(fd[(int)i]);
    _exit(0);
  }
  CHECK_EQ(read(ready[0], &i, 1), 1);
  close(ready[0]);
  close(ready[1]);
  return child;
}

static void wait_for_lock(int i) {
  int fd = open_file(i);
  CHECK_OK(lock(fd));
  close(fd);
}

static void give_up(int i) {
  char c = (char)i;
  write_all(gate[1], &c, 1);
}

int main(void) {
  for (kind = 0; kind < kKinds; kind++) {
    pid_t holder = start_holder();
    run_blocked(wait_for_lock, give_up);
    int status = -1;
    close(gate[0]);
    close(gate[1]);
    CHECK_EQ(waitpid(holder, &status, 0), holder);
    CHECK_EQ(status, 0);
  }
  return 0;
}
