// covers: sendmsg recvmsg
// Pipes are passed between threads over a unix socket, and the received descriptors block and wake.
#include "../help.h"

static int sv[2];

static void send_fd(int fd) {
  char c = 'f';
  struct iovec v = {&c, 1};
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } u;
  memset(&u, 0, sizeof u);
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof u};
  struct cmsghdr* h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = SOL_SOCKET;
  h->cmsg_type = SCM_RIGHTS;
  h->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(h), &fd, sizeof fd);
  CHECK_EQ(sendmsg(sv[0], &m, 0), 1);
}

static int receive_fd(void) {
  char c = 0;
  struct iovec v = {&c, 1};
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } u;
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof u};
  CHECK_EQ(recvmsg(sv[1], &m, 0), 1);
  CHECK_EQ(c, 'f');
  struct cmsghdr* h = CMSG_FIRSTHDR(&m);
  CHECK(h && h->cmsg_type == SCM_RIGHTS);
  int fd;
  memcpy(&fd, CMSG_DATA(h), sizeof fd);
  return fd;
}

static void* receiver(void* arg) {
  for (int i = 0; i < 20; i++) {
    int fd = receive_fd();
    int value = -1;
    CHECK_EQ(read(fd, &value, sizeof value), sizeof value);
    CHECK_EQ(value, i);
    CHECK_EQ(read(fd, &value, sizeof value), 0);
    CHECK_OK(close(fd));
  }
  return arg;
}

int main(void) {
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  pthread_t t = THREAD(receiver, NULL);
  for (int i = 0; i < 20; i++) {
    int p[2];
    CHECK_OK(pipe(p));
    send_fd(p[0]);
    close(p[0]);
    if (i % 4 == 0) sleep_ms(2);
    write_all(p[1], &i, sizeof i);
    close(p[1]);
  }
  JOIN(t);
  return 0;
}
