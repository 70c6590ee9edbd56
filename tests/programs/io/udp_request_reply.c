// covers: sendto recvfrom bind
// A UDP server thread answers 10 client threads, each at its own address.
#include "../help.h"

static int server, port;

static void* serve(void* arg) {
  for (;;) {
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    int value = -1;
    CHECK_EQ(recvfrom(server, &value, sizeof value, 0, (struct sockaddr*)&peer, &len), 4);
    CHECK_EQ(len, sizeof peer);
    if (value < 0) return arg;
    value *= 2;
    CHECK_EQ(sendto(server, &value, sizeof value, 0, (struct sockaddr*)&peer, len), 4);
  }
}

static void* ask(void* arg) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to = loopback(port);
  for (int i = 0; i < 20; i++) {
    int value = (int)(intptr_t)arg * 100 + i, reply = -1;
    CHECK_EQ(sendto(fd, &value, sizeof value, 0, (struct sockaddr*)&to, sizeof to), 4);
    CHECK_EQ(recv(fd, &reply, sizeof reply, 0), 4);
    CHECK_EQ(reply, value * 2);
  }
  close(fd);
  return NULL;
}

int main(void) {
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  server = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK_OK(bind(server, (struct sockaddr*)&addr, sizeof addr));
  CHECK_OK(getsockname(server, (struct sockaddr*)&addr, &len));
  port = ntohs(addr.sin_port);
  pthread_t s = THREAD(serve, NULL), t[10];
  for (intptr_t i = 0; i < 10; i++) t[i] = THREAD(ask, (void*)i);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  int stop = -1, fd = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK_EQ(sendto(fd, &stop, sizeof stop, 0, (struct sockaddr*)&addr, sizeof addr), 4);
  JOIN(s);
  return 0;
}
