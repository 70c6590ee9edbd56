// covers: ioctl fcntl
// FIONREAD counts what waits in pipes and sockets, also while another thread is about to read.
#include "../help.h"

#include <fcntl.h>
#include <sys/ioctl.h>

static int pending(int fd) {
  int n = -1;
  CHECK_OK(ioctl(fd, FIONREAD, &n));
  return n;
}

static void* body(void* arg) {
  int sv[2];
  char buffer[64];
  if (arg)
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  else
    CHECK_OK(pipe(sv));
  for (int i = 1; i < 20; i++) {
    CHECK_EQ(pending(sv[0]), 0);
    write_all(sv[1], buffer, (size_t)i);
    CHECK_EQ(pending(sv[0]), i);
    CHECK_EQ(read(sv[0], buffer, sizeof buffer), i);
  }
  CHECK_OK(fcntl(sv[0], F_SETFD, FD_CLOEXEC));
  CHECK_EQ(fcntl(sv[0], F_GETFD), FD_CLOEXEC);
  CHECK_ERRNO(fcntl(-1, F_GETFL), EBADF);
  close(sv[0]), close(sv[1]);
  return NULL;
}

int main(void) {
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  return 0;
}
