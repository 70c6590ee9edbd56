// covers: fcntl pipe2 read write accept recvfrom
// Every kind of non-blocking descriptor gives EAGAIN at once in a thread, while others block.
#include "../help.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

static int gate[2];

static void* blocked(void* arg) {
  char c;
  CHECK_EQ(read(gate[0], &c, 1), 0);
  return arg;
}

static void* body(void* arg) {
  int p[2], sv[2], port, on = 1;
  char c;
  uint64_t count;
  CHECK_OK(pipe2(p, O_NONBLOCK));
  CHECK_ERRNO(read(p[0], &c, 1), EAGAIN);
  while (write(p[1], "0123456789", 10) > 0) {
  }
  CHECK_EQ(errno, EAGAIN);
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv));
  CHECK_ERRNO(read(sv[0], &c, 1), EAGAIN);
  CHECK_ERRNO(recv(sv[1], &c, 1, 0), EAGAIN);
  int listener = tcp_listen(&port, 1);
  CHECK_OK(ioctl(listener, FIONBIO, &on));
  CHECK(fcntl(listener, F_GETFL) & O_NONBLOCK);
  CHECK_ERRNO(accept(listener, NULL, NULL), EAGAIN);
  int udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  CHECK_ERRNO(recvfrom(udp, &c, 1, 0, NULL, NULL), EAGAIN);
  int event = eventfd(0, EFD_NONBLOCK);
  CHECK_ERRNO(read(event, &count, sizeof count), EAGAIN);
  close(p[0]), close(p[1]), close(sv[0]), close(sv[1]), close(listener), close(udp), close(event);
  return arg;
}

int main(void) {
  pthread_t b[5], t[10];
  CHECK_OK(pipe(gate));
  for (int i = 0; i < 5; i++) b[i] = THREAD(blocked, NULL);
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  close(gate[1]);
  for (int i = 0; i < 5; i++) JOIN(b[i]);
  return 0;
}
