// covers: accept4 accept fcntl
// accept4's flags are set on the new socket, plain accept inherits none from a non-blocking
// listener.
#include "../help.h"

#include <fcntl.h>

static int port;

static void* connects(void* arg) {
  char c;
  sleep_ms(1);
  int fd = tcp_connect(port);
  CHECK_EQ(read(fd, &c, 1), 0);
  close(fd);
  return arg;
}

int main(void) {
  int listener = tcp_listen(&port, 8);
  for (int i = 0; i < 5; i++) {
    int flags = (i & 1 ? SOCK_NONBLOCK : 0) | (i & 2 ? SOCK_CLOEXEC : 0);
    pthread_t t = THREAD(connects, NULL);
    int fd = i == 4 ? accept(listener, NULL, NULL) : accept4(listener, NULL, NULL, flags);
    CHECK(fd >= 0);
    CHECK_EQ(!!(fcntl(fd, F_GETFL) & O_NONBLOCK), i & 1);
    CHECK_EQ(!!(fcntl(fd, F_GETFD) & FD_CLOEXEC), i == 4 ? 0 : !!(i & 2));
    close(fd);
    JOIN(t);
  }
  CHECK_OK(fcntl(listener, F_SETFL, O_NONBLOCK));
  pthread_t t = THREAD(connects, NULL);
  int fd;
  while ((fd = accept(listener, NULL, NULL)) < 0) {
    CHECK_EQ(errno, EAGAIN);
    sleep_ms(1);
  }
  CHECK_EQ(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  close(fd);
  JOIN(t);
  CHECK_ERRNO(accept4(listener, NULL, NULL, 0x12345), EINVAL);
  CHECK_ERRNO(accept4(-1, NULL, NULL, 0), EBADF);
  return 0;
}
