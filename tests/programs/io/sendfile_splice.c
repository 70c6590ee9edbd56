// covers: sendfile splice
// A file goes by sendfile into a socket and by splice through a pipe to another thread, waiting
// where full.
#include "../help.h"

#include <fcntl.h>
#include <sys/sendfile.h>

enum { kSize = 2 << 20 };
static int sv[2], p[2];

static void* moves(void* arg) {
  ssize_t n;
  while ((n = splice(sv[1], NULL, p[1], NULL, 65536, 0)) > 0) {
  }
  CHECK_EQ(n, 0);
  close(p[1]);
  return arg;
}

static void* sends(void* arg) {
  int fd = *(int*)arg;
  off_t at = 0;
  while (at < kSize) {
    ssize_t n = sendfile(sv[0], fd, &at, kSize - (size_t)at);
    CHECK(n > 0);
  }
  CHECK_OK(shutdown(sv[0], SHUT_WR));
  return NULL;
}

int main(void) {
  char name[] = "test-send-XXXXXX", buffer[8192];
  int fd = mkstemp(name);
  CHECK(fd >= 0);
  CHECK_OK(unlink(name));
  for (int i = 0; i < kSize / 4096; i++) {
    memset(buffer, i, 4096);
    write_all(fd, buffer, 4096);
  }
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  CHECK_OK(pipe(p));
  pthread_t a = THREAD(sends, &fd), b = THREAD(moves, NULL);
  int at = 0;
  ssize_t n;
  while ((n = read(p[0], buffer, sizeof buffer)) > 0)
    for (ssize_t i = 0; i < n; i++, at++) CHECK_EQ(buffer[i], (char)(at / 4096));
  CHECK_EQ(at, kSize);
  JOIN(a);
  JOIN(b);
  return 0;
}
