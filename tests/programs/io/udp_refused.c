// covers: connect send recv
// A connected UDP socket to a closed port wakes a waiting recv with ECONNREFUSED.
#include "../help.h"

static void* body(void* arg) {
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  int holder = socket(AF_INET, SOCK_DGRAM, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK_OK(bind(holder, (struct sockaddr*)&addr, sizeof addr));
  CHECK_OK(getsockname(holder, (struct sockaddr*)&addr, &len));
  CHECK_OK(connect(fd, (struct sockaddr*)&addr, sizeof addr));
  CHECK_EQ(send(fd, "hello", 5, 0), 5);
  char got[5];
  CHECK_EQ(recv(holder, got, 5, 0), 5);
  close(holder);
  CHECK_EQ(send(fd, "hello", 5, 0), 5);
  CHECK_ERRNO(recv(fd, got, 5, 0), ECONNREFUSED);
  close(fd);
  return arg;
}

int main(void) {
  for (int i = 0; i < 10; i++) JOIN(THREAD(body, NULL));
  return 0;
}
