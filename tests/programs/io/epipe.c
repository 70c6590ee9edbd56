// covers: write send signal
// Writing where nobody can read gives EPIPE when SIGPIPE is ignored or not asked for, also to a
// writer that waits.
#include "../help.h"

#include <signal.h>

static int p[2];

static void* waits_to_write(void* arg) {
  char block[4096];
  memset(block, 0, sizeof block);
  for (;;) {
    ssize_t n = write(p[1], block, sizeof block);
    if (n < 0) break;
    CHECK(n > 0);
  }
  CHECK_EQ(errno, EPIPE);
  return arg;
}

static void* body(void* arg) {
  int sv[2], q[2];
  CHECK_OK(pipe(q));
  close(q[0]);
  CHECK_ERRNO(write(q[1], "x", 1), EPIPE);
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  close(sv[1]);
  CHECK_ERRNO(write(sv[0], "x", 1), EPIPE);
  CHECK_ERRNO(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
  close(sv[0]), close(q[1]);
  return arg;
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  CHECK_OK(pipe(p));
  pthread_t w = THREAD(waits_to_write, NULL), t[5];
  for (int i = 0; i < 5; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  sleep_ms(5);
  close(p[0]);
  JOIN(w);
  return 0;
}
