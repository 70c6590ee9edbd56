// covers: setsockopt recv read recvfrom recvmsg accept
// SO_RCVTIMEO ends a waiting recv, read, recvmsg and accept with EAGAIN, never early; data in time
// is delivered.
#include "../help.h"

static void set_timeout(int fd, int ms) {
  struct timeval tv = {ms / 1000, ms % 1000 * 1000}, got;
  socklen_t len = sizeof got;
  CHECK_OK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  CHECK_OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &got, &len));
  CHECK(got.tv_sec == tv.tv_sec && got.tv_usec >= tv.tv_usec);
}

static void* sends(void* arg) {
  sleep_ms(5);
  write_all(*(int*)arg, "x", 1);
  return NULL;
}

static void* body(void* arg) {
  int sv[2], port;
  char c;
  if (arg)
    tcp_pair(sv);
  else
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  set_timeout(sv[0], 20);
  for (int i = 0; i < 3; i++) {
    struct iovec v = {&c, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    long long start = now_ms();
    if (i == 0) CHECK_ERRNO(recv(sv[0], &c, 1, 0), EAGAIN);
    if (i == 1) CHECK_ERRNO(read(sv[0], &c, 1), EAGAIN);
    if (i == 2) CHECK_ERRNO(recvmsg(sv[0], &m, 0), EAGAIN);
    CHECK_ELAPSED(start, 20, 30000);
  }
  set_timeout(sv[0], 20000);
  pthread_t t = THREAD(sends, &sv[1]);
  CHECK_EQ(recv(sv[0], &c, 1, 0), 1);
  JOIN(t);
  int listener = tcp_listen(&port, 1);
  set_timeout(listener, 20);
  long long start = now_ms();
  CHECK_ERRNO(accept(listener, NULL, NULL), EAGAIN);
  CHECK_ELAPSED(start, 20, 30000);
  close(sv[0]), close(sv[1]), close(listener);
  return NULL;
}

int main(void) {
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  return 0;
}
