// covers: recv recvmsg
// MSG_WAITALL gathers the whole amount from pieces that come with pauses, or what came before the
// end.
#include "../help.h"

static int sv[2];

static void* feeder(void* arg) {
  for (int i = 0; i < 100; i++) {
    char piece[10];
    memset(piece, i, sizeof piece);
    if (i % 10 == 0) sleep_ms(1);
    CHECK_EQ(send(sv[0], piece, sizeof piece, 0), sizeof piece);
  }
  CHECK_OK(shutdown(sv[0], SHUT_WR));
  return arg;
}

int main(void) {
  char buffer[600];
  for (int round = 0; round < 2; round++) {
    if (round)
      tcp_pair(sv);
    else
      CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
    pthread_t t = THREAD(feeder, NULL);
    CHECK_EQ(recv(sv[1], buffer, 550, MSG_WAITALL), 550);
    for (int i = 0; i < 550; i++) CHECK_EQ(buffer[i], i / 10);
    struct iovec v[2] = {{buffer, 100}, {buffer + 100, 500}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    CHECK_EQ(recvmsg(sv[1], &m, MSG_WAITALL), 450);
    for (int i = 0; i < 450; i++) CHECK_EQ(buffer[i], (550 + i) / 10);
    CHECK_EQ(recv(sv[1], buffer, 10, MSG_WAITALL), 0);
    JOIN(t);
    close(sv[0]);
    close(sv[1]);
  }
  return 0;
}
