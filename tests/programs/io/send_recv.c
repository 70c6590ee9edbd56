// covers: send recv sendto recvfrom shutdown
// Threads exchange by send/recv and sendto/recvfrom on stream sockets until the end of the stream.
#include "../help.h"

static void* echo(void* arg) {
  int fd = (int)(intptr_t)arg;
  char buffer[512];
  ssize_t n;
  while ((n = fd % 2 ? recv(fd, buffer, sizeof buffer, 0)
                     : recvfrom(fd, buffer, sizeof buffer, 0, NULL, NULL)) > 0)
    CHECK_EQ(send(fd, buffer, (size_t)n, MSG_NOSIGNAL), n);
  CHECK_EQ(n, 0);
  close(fd);
  return NULL;
}

int main(void) {
  for (int i = 0; i < 10; i++) {
    int sv[2];
    if (i % 2)
      tcp_pair(sv);
    else
      CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
    pthread_t t = THREAD(echo, (void*)(intptr_t)sv[1]);
    for (int k = 0; k < 20; k++) {
      char out[100], in[100];
      memset(out, k + 1, sizeof out);
      CHECK_EQ(sendto(sv[0], out, sizeof out, 0, NULL, 0), sizeof out);
      CHECK_EQ(recv(sv[0], in, sizeof in, MSG_WAITALL), sizeof in);
      CHECK(memcmp(in, out, sizeof in) == 0);
    }
    CHECK_OK(shutdown(sv[0], SHUT_WR));
    char c;
    CHECK_EQ(recv(sv[0], &c, 1, 0), 0);
    JOIN(t);
    close(sv[0]);
  }
  return 0;
}
