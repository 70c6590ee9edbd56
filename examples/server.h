// What the servers here share, and those they are compared with (tools/bench): a clean stop, the listening socket, and
// a thread for each connection.
#ifndef SERVER_H
#define SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void server_stop(int sig) {
  (void)sig;
  _exit(0);
}

// As many descriptors as may be; SIGTERM and SIGINT end it with status 0.
static inline void server_init(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, server_stop);
  signal(SIGINT, server_stop);
}

// On 127.0.0.1 (port 0: any free one), which it says on stdout. Ends the program if it cannot. flags: as socket()'s.
static inline int server_listen(uint16_t port, int flags) {
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

// For ever: a detached thread for each connection, whose argument is the descriptor.
static inline void server_accept(int listener, void* (*connection)(void*)) {
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (;;) {
    pthread_t thread;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        usleep(10000);  // until some close
      continue;
    }
    if (pthread_create(&thread, &detached, connection, (void*)(intptr_t)fd) != 0) close(fd);
  }
}

#endif
