// covers: sendto recvfrom socketpair
// A unix datagram sender waits while the receiver's queue is full, and no message is lost or
// reordered.
#include "../help.h"

static int sv[2];

static void* sends(void* arg) {
  for (int i = 0; i < 2000; i++) CHECK_EQ(send(sv[0], &i, sizeof i, 0), sizeof i);
  return arg;
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
  pthread_t t = THREAD(sends, NULL);
  sleep_ms(5);
  for (int i = 0; i < 2000; i++) {
    int value = -1;
    CHECK_EQ(recvfrom(sv[1], &value, sizeof value, 0, NULL, NULL), sizeof value);
    CHECK_EQ(value, i);
  }
  JOIN(t);
  CHECK_ERRNO(recv(sv[1], &t, 1, MSG_DONTWAIT), EAGAIN);
  return 0;
}
