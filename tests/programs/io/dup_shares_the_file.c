// covers: dup dup2 dup3 fcntl read
// Threads that read through duplicates take from one stream; dup3 and F_DUPFD_CLOEXEC set the flag.
#include "../help.h"

#include <fcntl.h>

static int sum;

static void* reads(void* arg) {
  unsigned char c;
  int fd = (int)(intptr_t)arg;
  while (read(fd, &c, 1) == 1) __atomic_add_fetch(&sum, c, __ATOMIC_SEQ_CST);
  close(fd);
  return NULL;
}

int main(void) {
  int p[2];
  CHECK_OK(pipe(p));
  int a = dup(p[0]), b = dup2(p[0], 50), c = dup3(p[0], 51, O_CLOEXEC);
  int d = fcntl(p[0], F_DUPFD, 60), e = fcntl(p[0], F_DUPFD_CLOEXEC, 70);
  CHECK(a >= 0 && b == 50 && c == 51 && d >= 60 && e >= 70);
  CHECK_EQ(fcntl(b, F_GETFD), 0);
  CHECK_EQ(fcntl(c, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(fcntl(d, F_GETFD), 0);
  CHECK_EQ(fcntl(e, F_GETFD), FD_CLOEXEC);
  CHECK_ERRNO(dup3(p[0], p[0], 0), EINVAL);
  CHECK_EQ(dup2(p[0], p[0]), p[0]);
  CHECK_ERRNO(dup2(-1, 55), EBADF);
  int fds[6] = {p[0], a, b, c, d, e};
  pthread_t t[6];
  for (int i = 0; i < 6; i++) t[i] = THREAD(reads, (void*)(intptr_t)fds[i]);
  int want = 0;
  for (int i = 0; i < 200; i++) {
    unsigned char x = (unsigned char)i;
    write_all(p[1], &x, 1);
    want += x;
    if (i % 50 == 0) sleep_ms(1);
  }
  close(p[1]);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  CHECK_EQ(sum, want);
  return 0;
}
