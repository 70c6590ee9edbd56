// covers: sendmsg recvmsg
// Messages with several parts go whole over datagram sockets; too small a buffer sets MSG_TRUNC.
#include "../help.h"

#include <sys/uio.h>

static int sv[2];

static void* sender(void* arg) {
  for (int i = 0; i < 40; i++) {
    char text[20];
    snprintf(text, sizeof text, "part-%d", i);
    struct iovec v[2] = {{&i, sizeof i}, {text, strlen(text)}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    CHECK_EQ(sendmsg(sv[0], &m, 0), (ssize_t)(sizeof i + strlen(text)));
    if (i % 8 == 0) sleep_ms(1);
  }
  return arg;
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
  pthread_t t = THREAD(sender, NULL);
  for (int i = 0; i < 40; i++) {
    int number = -1;
    char text[20] = "", want[20];
    snprintf(want, sizeof want, "part-%d", i);
    struct iovec v[2] = {{&number, sizeof number}, {text, i == 39 ? 3 : sizeof text}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    ssize_t n = recvmsg(sv[1], &m, 0);
    CHECK_EQ(number, i);
    if (i == 39) {
      CHECK_EQ(n, 7);
      CHECK(m.msg_flags & MSG_TRUNC);
    } else {
      CHECK_EQ(n, (ssize_t)(4 + strlen(want)));
      CHECK_STR(text, want);
      CHECK_EQ(m.msg_flags & MSG_TRUNC, 0);
    }
  }
  JOIN(t);
  return 0;
}
