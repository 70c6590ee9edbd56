// covers: setsockopt send write
// SO_SNDTIMEO ends a send to a full socket with EAGAIN, or with what was taken, never early.
#include "../help.h"

static void* body(void* arg) {
  int sv[2];
  static char block[1 << 20];
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  struct timeval tv = {0, 20000};
  CHECK_OK(setsockopt(sv[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv));
  long long start = now_ms();
  ssize_t n = send(sv[0], block, sizeof block, 0);
  CHECK(n > 0 && n < (ssize_t)sizeof block);
  CHECK_ELAPSED(start, 20, 30000);
  start = now_ms();
  if (arg)
    CHECK_ERRNO(write(sv[0], block, sizeof block), EAGAIN);
  else
    CHECK_ERRNO(send(sv[0], block, sizeof block, 0), EAGAIN);
  CHECK_ELAPSED(start, 20, 30000);
  ssize_t got = 0;
  while (got < n) {
    ssize_t r = recv(sv[1], block, sizeof block, MSG_DONTWAIT);
    CHECK(r > 0);
    got += r;
  }
  CHECK_EQ(got, n);
  CHECK_EQ(send(sv[0], "x", 1, 0), 1);
  close(sv[0]), close(sv[1]);
  return NULL;
}

int main(void) {
  pthread_t t[6];
  for (intptr_t i = 0; i < 6; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  return 0;
}
