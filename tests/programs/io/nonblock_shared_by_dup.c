// covers: dup fcntl read
// O_NONBLOCK belongs to the open file: set through one descriptor it is obeyed through its
// duplicate.
#include "../help.h"

#include <fcntl.h>

static int sv[2], copy;

static void* body(void* arg) {
  char c;
  CHECK_ERRNO(read(copy, &c, 1), EAGAIN);
  CHECK_ERRNO(recv(copy, &c, 1, 0), EAGAIN);
  return arg;
}

static void* blocks(void* arg) {
  char c;
  CHECK_EQ(read(copy, &c, 1), 1);
  return arg;
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  copy = dup(sv[0]);
  CHECK(copy >= 0);
  pthread_t t = THREAD(blocks, NULL);
  sleep_ms(2);
  write_all(sv[1], "x", 1);
  JOIN(t);
  CHECK_OK(fcntl(sv[0], F_SETFL, O_NONBLOCK));
  JOIN(THREAD(body, NULL));
  CHECK(fcntl(copy, F_GETFL) & O_NONBLOCK);
  CHECK_OK(fcntl(copy, F_SETFL, 0));
  CHECK_EQ(fcntl(sv[0], F_GETFL) & O_NONBLOCK, 0);
  t = THREAD(blocks, NULL);
  sleep_ms(2);
  write_all(sv[1], "x", 1);
  JOIN(t);
  return 0;
}
