// covers: connect socket
// A connect nobody listens for gives ECONNREFUSED to a thread, for TCP and unix sockets; ENOENT
// without a name.
#include "../help.h"

#include <sys/un.h>

static int closed_port, p[2];

static void* body(void* arg) {
  for (int i = 0; i < 5; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in addr = loopback(closed_port);
    CHECK_ERRNO(connect(fd, (struct sockaddr*)&addr, sizeof addr), ECONNREFUSED);
    char c;
    CHECK_ERRNO(recv(fd, &c, 1, 0), ENOTCONN);
    close(fd);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    CHECK_ERRNO(connect(fd, (struct sockaddr*)&un, sizeof un), ENOENT);
    close(fd);
    CHECK_ERRNO(connect(-1, (struct sockaddr*)&addr, sizeof addr), EBADF);
    CHECK_ERRNO(connect(p[0], (struct sockaddr*)&addr, sizeof addr), ENOTSOCK);
  }
  return arg;
}

int main(void) {
  /* A port that is bound but not listening refuses, and nobody else can take it meanwhile. */
  int holder = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  CHECK_OK(bind(holder, (struct sockaddr*)&addr, sizeof addr));
  CHECK_OK(getsockname(holder, (struct sockaddr*)&addr, &len));
  closed_port = ntohs(addr.sin_port);
  CHECK_OK(pipe(p));
  pthread_t t[8];
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  return 0;
}
