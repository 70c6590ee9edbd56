// covers: close read recv
// Closing the other end wakes blocked readers with 0, and a reset gives ECONNRESET.
#include "../help.h"

struct job {
  int fd;
  int want_errno;
};

static void* reads(void* arg) {
  struct job* j = arg;
  char c;
  if (j->want_errno)
    CHECK_ERRNO(recv(j->fd, &c, 1, 0), j->want_errno);
  else
    CHECK_EQ(recv(j->fd, &c, 1, 0), 0);
  return NULL;
}

int main(void) {
  for (int round = 0; round < 9; round++) {
    int sv[2];
    if (round % 3)
      tcp_pair(sv);
    else
      CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
    struct job j = {sv[0], round % 3 == 2 ? ECONNRESET : 0};
    pthread_t t = THREAD(reads, &j);
    sleep_ms(round);
    if (j.want_errno) {
      struct linger now = {1, 0};
      CHECK_OK(setsockopt(sv[1], SOL_SOCKET, SO_LINGER, &now, sizeof now));
    }
    CHECK_OK(close(sv[1]));
    JOIN(t);
    close(sv[0]);
  }
  return 0;
}
