// covers: __open_2 __open64_2 __openat_2 __openat64_2
// cflags: -O2 -D_FORTIFY_SOURCE=2
// open without a mode, as a program built with _FORTIFY_SOURCE calls it when the flags are no constant.
#include "../help.h"

#include <fcntl.h>

static volatile int flags = O_RDONLY;

static void* body(void* arg) {
  int fd[4] = {open("/dev/zero", flags), open64("/dev/zero", flags),
               openat(AT_FDCWD, "/dev/zero", flags), openat64(AT_FDCWD, "/dev/zero", flags)};
  for (int i = 0; i < 4; i++) {
    char c = 1;
    CHECK(fd[i] >= 0);
    CHECK_EQ(read(fd[i], &c, 1), 1);
    CHECK_EQ(c, 0);
    close(fd[i]);
  }
  CHECK_ERRNO(open("no such file", flags), ENOENT);
  return arg;
}

int main(void) {
  pthread_t t = THREAD(body, NULL);
  JOIN(t);
  body(NULL);
  return 0;
}
