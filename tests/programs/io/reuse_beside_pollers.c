// covers: close socketpair poll read
// 8 threads open, wait on and close sockets all the time while others poll theirs: nobody gets
// another's news.
#include "../help.h"

#include <poll.h>

static void* churns(void* arg) {
  for (int i = 0; i < 100; i++) {
    int sv[2];
    char c = 0;
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
    write_all(sv[1], "c", 1);
    CHECK_EQ(read(sv[0], &c, 1), 1);
    CHECK_EQ(c, 'c');
    CHECK_ERRNO(recv(sv[0], &c, 1, MSG_DONTWAIT), EAGAIN);
    if (i % 2) shutdown(sv[1], SHUT_WR);
    close(sv[1]);
    CHECK_EQ(read(sv[0], &c, 1), 0);
    close(sv[0]);
  }
  return arg;
}

static void* polls(void* arg) {
  int p[2];
  CHECK_OK(pipe(p));
  for (int i = 0; i < 15; i++) {
    struct pollfd f = {p[0], POLLIN, 0};
    CHECK_EQ(poll(&f, 1, 2), 0);
    write_all(p[1], "p", 1);
    CHECK_EQ(poll(&f, 1, 20000), 1);
    CHECK_EQ(f.revents, POLLIN);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(c, 'p');
  }
  close(p[0]), close(p[1]);
  return arg;
}

int main(void) {
  pthread_t t[16];
  for (int i = 0; i < 16; i++) t[i] = THREAD(i % 2 ? churns : polls, NULL);
  for (int i = 0; i < 16; i++) JOIN(t[i]);
  return 0;
}
