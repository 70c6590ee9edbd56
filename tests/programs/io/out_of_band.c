// covers: send recv poll sockatmark
// Urgent data over TCP: POLLPRI, MSG_OOB, and the mark between the ordinary bytes.
#include "../help.h"

#include <poll.h>

static int sv[2];

static void* sends(void* arg) {
  sleep_ms(3);
  CHECK_EQ(send(sv[0], "abc", 3, 0), 3);
  CHECK_EQ(send(sv[0], "!", 1, MSG_OOB), 1);
  CHECK_EQ(send(sv[0], "def", 3, 0), 3);
  return arg;
}

int main(void) {
  tcp_pair(sv);
  pthread_t t = THREAD(sends, NULL);
  struct pollfd p = {sv[1], POLLPRI, 0};
  CHECK_EQ(poll(&p, 1, 20000), 1);
  CHECK(p.revents & POLLPRI);
  char c, buffer[8];
  CHECK_EQ(recv(sv[1], &c, 1, MSG_OOB), 1);
  CHECK_EQ(c, '!');
  CHECK_EQ(recv(sv[1], buffer, 8, 0), 3);
  CHECK_EQ(sockatmark(sv[1]), 1);
  CHECK_EQ(recv(sv[1], buffer, 3, MSG_WAITALL), 3);
  CHECK(memcmp(buffer, "def", 3) == 0);
  JOIN(t);
  return 0;
}
