// What the hand-written event loops share: the command line, the listening socket and a clean stop.
// The HTTP work is examples/http.h, the same as in the threaded server they are compared with.
#ifndef SERVER_H
#define SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../examples/http.h"

struct Options {
  uint16_t port;
  size_t body;
  int threads;
};

static void on_stop(int sig) {
  (void)sig;
  _exit(0);
}

static struct Options server_start(int argc, char** argv) {
  struct Options options = {.body = 13, .threads = 2};
  int opt;
  while ((opt = getopt(argc, argv, "b:t:")) != -1) {
    if (opt == 'b') options.body = strtoul(optarg, NULL, 10);
    if (opt == 't') options.threads = atoi(optarg);
    if (opt == '?') exit(2);
  }
  if (optind + 1 != argc || options.threads < 1) {
    fprintf(stderr, "usage: %s PORT [-b BODY_BYTES] [-t THREADS]\n", argv[0]);
    exit(2);
  }
  options.port = (uint16_t)atoi(argv[optind]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, on_stop);
  signal(SIGINT, on_stop);
  http_init(options.body);
  return options;
}

static int listen_on(uint16_t port, int flags) {
  int one = 1;
  int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
  struct sockaddr_in addr = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof addr;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // accepted sockets inherit it
  if (fd < 0 || bind(fd, (struct sockaddr*)&addr, size) != 0 || listen(fd, 65535) != 0 ||
      getsockname(fd, (struct sockaddr*)&addr, &size) != 0) {
    perror("listen");
    exit(1);
  }
  printf("listening on %d\n", ntohs(addr.sin_port));
  fflush(stdout);
  return fd;
}

#endif
