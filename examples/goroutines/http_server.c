// HTTP/1.1 with keep-alive: every request, which ends with an empty line, gets the same answer.
//
// usage: http_server PORT      0: any free one, which is printed
#include <goshim/goshim.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void serve(void* arg) {
  char line[1024];
  const int conn = (int)(intptr_t)arg;
  FILE* in = fdopen(conn, "r");
  while (in != NULL && fgets(line, sizeof line, in) != NULL) {
    if (strcmp(line, "\r\n") != 0) continue;
    if (dprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n") < 0) break;
  }
  if (in != NULL) fclose(in);
}

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  a.sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "8080"));
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof a;
  if (bind(listener, (struct sockaddr*)&a, size) || listen(listener, 1024))
    return perror("bind"), 1;
  getsockname(listener, (struct sockaddr*)&a, &size);
  printf("listening on %d\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) goshim_go(serve, (void*)(intptr_t)accept(listener, NULL, NULL));
}
