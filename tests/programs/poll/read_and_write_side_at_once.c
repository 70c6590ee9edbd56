// covers: poll read write
// One thread waits to read and another to write on the same socket; each is woken for its own
// direction.
#include "../help.h"

#include <poll.h>

static int sv[2], got;

static void* reads(void* arg) {
  char c;
  CHECK_EQ(read(sv[0], &c, 1), 1);
  CHECK_EQ(c, 'r');
  __atomic_store_n(&got, 1, __ATOMIC_SEQ_CST);
  return arg;
}

static void* writes(void* arg) {
  (void)arg;
  char block[65536];
  memset(block, 'w', sizeof block);
  size_t total = 0;
  for (int i = 0; i < 40; i++) {
    write_all(sv[0], block, sizeof block);
    total += sizeof block;
  }
  CHECK_OK(shutdown(sv[0], SHUT_WR));
  return (void*)total;
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  pthread_t r = THREAD(reads, NULL), w = THREAD(writes, NULL);
  sleep_ms(5);
  CHECK_EQ(__atomic_load_n(&got, __ATOMIC_SEQ_CST), 0);
  write_all(sv[1], "r", 1);
  JOIN(r);
  char buffer[50000];
  size_t total = 0;
  ssize_t n;
  struct pollfd f = {sv[1], POLLIN, 0};
  while (poll(&f, 1, -1) == 1 && (n = read(sv[1], buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < n; i++) CHECK_EQ(buffer[i], 'w');
    total += (size_t)n;
  }
  CHECK_EQ((size_t)JOIN(w), total);
  return 0;
}
