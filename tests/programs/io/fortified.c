// covers: __read_chk __recv_chk __recvfrom_chk __pread_chk __poll_chk __ppoll_chk
// cflags: -O2 -D_FORTIFY_SOURCE=2
// The fortified forms of read, recv, recvfrom, poll and ppoll block and wake like the plain ones.
#include "../help.h"

#include <poll.h>

static int sv[2];

static void* body(void* arg) {
  for (int i = 0; i < 40; i++) {
    sleep_ms(i % 8 == 0);
    write_all(sv[0], "abcdefgh", 8);
    char c;
    CHECK_EQ(read(sv[0], &c, 1), 1);
  }
  return arg;
}

int main(int argc, char** argv) {
  (void)argv;
  size_t size = (size_t)argc * 8;
  nfds_t one = (nfds_t)argc;
  tcp_pair(sv);
  pthread_t t = THREAD(body, NULL);
  for (int i = 0; i < 40; i++) {
    char buffer[16];
    struct pollfd p[2] = {{sv[1], POLLIN, 0}, {sv[1], POLLIN, 0}};
    ssize_t n = 0;
    switch (i % 5) {
      case 0:
        n = read(sv[1], buffer, size);
        break;
      case 1:
        n = recv(sv[1], buffer, size, 0);
        break;
      case 2:
        n = recvfrom(sv[1], buffer, size, 0, NULL, NULL);
        break;
      case 3:
        CHECK_EQ(poll(p, one, -1), 1);
        n = read(sv[1], buffer, size);
        break;
      case 4:
        CHECK_EQ(ppoll(p, one, NULL, NULL), 1);
        n = recv(sv[1], buffer, size, 0);
        break;
    }
    CHECK_EQ(n, 8);
    CHECK(memcmp(buffer, "abcdefgh", 8) == 0);
    write_all(sv[1], "k", 1);
  }
  JOIN(t);
  return 0;
}
