// covers: shutdown recv read
// shutdown by another thread wakes those blocked in recv on that socket, with the end of the
// stream.
#include "../help.h"

static void* reads(void* arg) {
  int fd = *(int*)arg;
  char c;
  CHECK_EQ(fd % 2 ? read(fd, &c, 1) : recv(fd, &c, 1, 0), 0);
  return NULL;
}

int main(void) {
  for (int round = 0; round < 4; round++) {
    int sv[2];
    if (round % 2)
      tcp_pair(sv);
    else
      CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
    pthread_t t[4];
    for (int i = 0; i < 4; i++) t[i] = THREAD(reads, &sv[0]);
    sleep_ms(5);
    CHECK_OK(shutdown(sv[0], round < 2 ? SHUT_RDWR : SHUT_RD));
    for (int i = 0; i < 4; i++) JOIN(t[i]);
    close(sv[0]), close(sv[1]);
  }
  return 0;
}
