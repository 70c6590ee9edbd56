// covers: socketpair readv writev
// Scattered writes arrive whole at scattered reads that wait for them.
#include "../help.h"

#include <sys/uio.h>

static int sv[2];

static void* writer(void* arg) {
  for (int i = 0; i < 50; i++) {
    char c = (char)('a' + i % 26);
    int number = i;
    long tail = -i;
    struct iovec v[3] = {{&c, 1}, {&number, sizeof number}, {&tail, sizeof tail}};
    if (i % 10 == 0) sleep_ms(1);
    CHECK_EQ(writev(sv[0], v, 3), 13);
  }
  return arg;
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
  pthread_t t = THREAD(writer, NULL);
  for (int i = 0; i < 50; i++) {
    char c = 0;
    int number = -1;
    long tail = 1;
    struct iovec v[4] = {{&c, 1}, {NULL, 0}, {&number, sizeof number}, {&tail, sizeof tail}};
    CHECK_EQ(readv(sv[1], v, 4), 13);
    CHECK_EQ(c, 'a' + i % 26);
    CHECK_EQ(number, i);
    CHECK_EQ(tail, -i);
  }
  JOIN(t);
  struct iovec bad = {NULL, 10};
  volatile int negative = -1;
  CHECK_ERRNO(readv(sv[1], &bad, negative), EINVAL);
  CHECK_ERRNO(readv(-1, &bad, 1), EBADF);
  return 0;
}
