// covers: recv send sendmsg
// MSG_DONTWAIT gives EAGAIN at once on an empty or a full socket and leaves the next call blocking.
#include "../help.h"

#include <fcntl.h>

static int sv[2];

static void* later(void* arg) {
  char buffer[4096];
  sleep_ms(10);
  CHECK_EQ(send(sv[1], "x", 1, 0), 1);
  size_t want = *(size_t*)arg;
  while (want > 0) {
    ssize_t n = recv(sv[1], buffer, sizeof buffer, 0);
    CHECK(n > 0);
    want -= (size_t)n;
  }
  return NULL;
}

int main(void) {
  char c, block[4096];
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  memset(block, 1, sizeof block);
  CHECK_ERRNO(recv(sv[0], &c, 1, MSG_DONTWAIT), EAGAIN);
  size_t sent = 0;
  ssize_t n;
  while ((n = send(sv[0], block, sizeof block, MSG_DONTWAIT)) > 0) sent += (size_t)n;
  CHECK_EQ(n, -1);
  CHECK_EQ(errno, EAGAIN);
  CHECK(sent > 0);
  size_t total = sent + sizeof block;
  pthread_t t = THREAD(later, &total);
  CHECK_EQ(recv(sv[0], &c, 1, 0), 1);
  CHECK_EQ(send(sv[0], block, sizeof block, 0), sizeof block);
  CHECK_EQ(fcntl(sv[0], F_GETFL) & O_NONBLOCK, 0);
  JOIN(t);
  CHECK_ERRNO(recv(sv[0], &c, 1, MSG_DONTWAIT), EAGAIN);
  return 0;
}
