// covers: sendmmsg recvmmsg
// Batches of UDP datagrams: MSG_WAITFORONE waits for the first and takes what is there.
#include "../help.h"

#include <sys/uio.h>

static int out;

static void* sender(void* arg) {
  sleep_ms(5);
  int numbers[8];
  struct iovec v[8];
  struct mmsghdr m[8];
  memset(m, 0, sizeof m);
  for (int i = 0; i < 8; i++) {
    numbers[i] = i;
    v[i].iov_base = &numbers[i];
    v[i].iov_len = sizeof(int);
    m[i].msg_hdr.msg_iov = &v[i];
    m[i].msg_hdr.msg_iovlen = 1;
  }
  CHECK_EQ(sendmmsg(out, m, 8, 0), 8);
  for (int i = 0; i < 8; i++) CHECK_EQ(m[i].msg_len, sizeof(int));
  return arg;
}

int main(void) {
  int in = socket(AF_INET, SOCK_DGRAM, 0);
  out = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  CHECK_OK(bind(in, (struct sockaddr*)&addr, sizeof addr));
  CHECK_OK(getsockname(in, (struct sockaddr*)&addr, &len));
  CHECK_OK(connect(out, (struct sockaddr*)&addr, sizeof addr));
  pthread_t t = THREAD(sender, NULL);
  int got = 0;
  while (got < 8) {
    int numbers[8];
    struct iovec v[8];
    struct mmsghdr m[8];
    memset(m, 0, sizeof m);
    for (int i = 0; i < 8; i++) {
      v[i].iov_base = &numbers[i];
      v[i].iov_len = sizeof(int);
      m[i].msg_hdr.msg_iov = &v[i];
      m[i].msg_hdr.msg_iovlen = 1;
    }
    int n = recvmmsg(in, m, 8, MSG_WAITFORONE, NULL);
    CHECK(n > 0);
    for (int i = 0; i < n; i++) CHECK_EQ(numbers[i], got++);
  }
  JOIN(t);
  return 0;
}
