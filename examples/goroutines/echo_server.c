// TCP echo, a goroutine for each connection, written as if calls blocked: they do, but only their goroutine.
//
// usage: echo_server PORT      0: any free one, which is printed
#include <goshim/goshim.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void echo(void* conn) {
  char buf[4096];
  for (ssize_t n; (n = read((int)(intptr_t)conn, buf, sizeof buf)) > 0;) {
    if (send((int)(intptr_t)conn, buf, (size_t)n, MSG_NOSIGNAL) != n) break;
  }
  close((int)(intptr_t)conn);
}

int main(int argc, char** argv) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  a.sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "7777"));
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof a;
  if (bind(listener, (struct sockaddr*)&a, size) || listen(listener, 1024))
    return perror("bind"), 1;
  getsockname(listener, (struct sockaddr*)&a, &size);
  printf("listening on %d\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) goshim_go(echo, (void*)(intptr_t)accept(listener, NULL, NULL));
}
