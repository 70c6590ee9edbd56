// covers: connect getpeername getsockopt
// A second connect gives EISCONN; a non-blocking one EINPROGRESS, then writable with SO_ERROR 0.
#include "../help.h"

#include <fcntl.h>
#include <poll.h>

static int port;

static void* body(void* arg) {
  struct sockaddr_in addr = loopback(port), peer;
  socklen_t len = sizeof peer;
  int fd = tcp_connect(port);
  CHECK_ERRNO(connect(fd, (struct sockaddr*)&addr, sizeof addr), EISCONN);
  CHECK_OK(getpeername(fd, (struct sockaddr*)&peer, &len));
  CHECK_EQ(ntohs(peer.sin_port), port);
  CHECK_EQ(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int r = connect(fd, (struct sockaddr*)&addr, sizeof addr);
  CHECK(r == 0 || errno == EINPROGRESS);
  struct pollfd p = {fd, POLLOUT, 0};
  CHECK_EQ(poll(&p, 1, 20000), 1);
  int error = -1;
  len = sizeof error;
  CHECK_OK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
  CHECK_EQ(error, 0);
  CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
  char c;
  CHECK_ERRNO(read(fd, &c, 1), EAGAIN);
  close(fd);
  return arg;
}

int main(void) {
  tcp_listen(&port, 64);
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  return 0;
}
