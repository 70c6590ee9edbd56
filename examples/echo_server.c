// TCP echo server, one thread for each connection.
//
//   cc -O2 -pthread echo_server.c -o echo_server
//   ./echo_server PORT                        PORT 0: any free port, printed
#define _GNU_SOURCE
#include "server.h"

static void* connection(void* arg) {
  int fd = (int)(intptr_t)arg;
  char buf[4096];
  ssize_t got;
  while ((got = read(fd, buf, sizeof buf)) > 0) {
    for (ssize_t done = 0, sent; done < got; done += sent) {
      sent = write(fd, buf + done, (size_t)(got - done));
      if (sent <= 0) {
        close(fd);
        return NULL;
      }
    }
  }
  close(fd);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 2;
  }
  server_init();
  server_accept(server_listen((uint16_t)atoi(argv[1]), 0), connection);
}
