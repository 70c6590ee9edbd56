// covers: recv
// MSG_PEEK waits for data like a plain recv, leaves it there, and tells it again.
#include "../help.h"

static int sv[2];

static void* body(void* arg) {
  char buffer[16];
  for (int i = 0; i < 20; i++) {
    CHECK_EQ(recv(sv[1], buffer, 4, MSG_PEEK), 4);
    CHECK(memcmp(buffer, "abcd", 4) == 0);
    CHECK_EQ(recv(sv[1], buffer, 2, MSG_PEEK), 2);
    CHECK_EQ(recv(sv[1], buffer, 2, 0), 2);
    CHECK(memcmp(buffer, "ab", 2) == 0);
    CHECK_EQ(recv(sv[1], buffer, 16, MSG_PEEK | MSG_DONTWAIT), 2);
    CHECK_EQ(recv(sv[1], buffer, 16, 0), 2);
    CHECK(memcmp(buffer, "cd", 2) == 0);
    CHECK_ERRNO(recv(sv[1], buffer, 1, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(send(sv[1], "k", 1, 0), 1);
  }
  CHECK_EQ(recv(sv[1], buffer, 1, MSG_PEEK), 0);
  return arg;
}

int main(void) {
  char c;
  tcp_pair(sv);
  pthread_t t = THREAD(body, NULL);
  for (int i = 0; i < 20; i++) {
    if (i % 5 == 0) sleep_ms(1);
    CHECK_EQ(send(sv[0], "abcd", 4, 0), 4);
    CHECK_EQ(recv(sv[0], &c, 1, 0), 1);
  }
  CHECK_OK(shutdown(sv[0], SHUT_WR));
  JOIN(t);
  return 0;
}
