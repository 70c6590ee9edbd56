// covers: fcntl read write recv send accept
// O_NONBLOCK is what the program made it: never set by blocking calls, and obeyed at once when set.
#include "../help.h"

#include <fcntl.h>

static int fds[6];

static void* looks(void* arg) {
  for (int i = 0; i < 100; i++) {
    for (int k = 0; k < 6; k++) CHECK_EQ(fcntl(fds[k], F_GETFL) & O_NONBLOCK, 0);
    if (i % 20 == 0) sleep_ms(1);
  }
  return arg;
}

static void* reads(void* arg) {
  char c;
  while (read(*(int*)arg, &c, 1) == 1) {
  }
  return NULL;
}

int main(void) {
  CHECK_OK(pipe(fds));
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds + 2));
  tcp_pair(fds + 4);
  pthread_t look = THREAD(looks, NULL), t[3];
  for (int i = 0; i < 3; i++) t[i] = THREAD(reads, &fds[i == 0 ? 0 : 2 * i + 1]);
  for (int i = 0; i < 30; i++) {
    write_all(fds[1], "x", 1);
    write_all(fds[2], "x", 1);
    write_all(fds[4], "x", 1);
    if (i % 10 == 0) sleep_ms(1);
  }
  JOIN(look);
  close(fds[1]);
  CHECK_OK(shutdown(fds[2], SHUT_WR));
  CHECK_OK(shutdown(fds[4], SHUT_WR));
  for (int i = 0; i < 3; i++) JOIN(t[i]);
  for (int k = 2; k < 6; k++) {
    char c;
    CHECK_OK(fcntl(fds[k], F_SETFL, fcntl(fds[k], F_GETFL) | O_NONBLOCK));
    CHECK(fcntl(fds[k], F_GETFL) & O_NONBLOCK);
    if (k % 2 == 0)
      CHECK_ERRNO(read(fds[k], &c, 1), EAGAIN);
    else
      CHECK_EQ(read(fds[k], &c, 1), 0);
  }
  return 0;
}
