// HTTP/1.1 server, one thread for each connection: the plainest way to write one.
//
//   cc -O2 -pthread http_server.c -o http_server
//   ./http_server PORT [-b BODY_BYTES]        PORT 0: any free port, printed
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

static bool send_all(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(fd, bytes, size, 0);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    size -= (size_t)sent;
  }
  return true;
}

// Closing with unread input resets the connection, which can overtake the reply: let the peer read
// it first.
static void discard_input(int fd) {
  char buf[kHttpBuffer];
  shutdown(fd, SHUT_WR);
  for (int i = 0; i < 64 && recv(fd, buf, sizeof buf, 0) > 0; i++) {
  }
}

static void serve(int fd) {
  char buf[kHttpBuffer];
  size_t have = 0;
  for (;;) {
    ssize_t got = recv(fd, buf + have, sizeof buf - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    have += (size_t)got;
    size_t used = 0;
    struct HttpOutput out;
    while (out = http_next(buf, have, &used), out.size > 0) {
      if (!send_all(fd, out.bytes, out.size)) return;
      if (out.discard) discard_input(fd);
      if (out.close) return;
    }
    have -= used;
    if (have > 0 && used > 0) memmove(buf, buf + used, have);
  }
}

static void* connection(void* arg) {
  int fd = (int)(intptr_t)arg;
  serve(fd);
  close(fd);
  return NULL;
}

static void on_stop(int sig) {
  (void)sig;
  _exit(0);
}

static int listen_on(uint16_t port) {
  int one = 1;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
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

int main(int argc, char** argv) {
  size_t body = 13;
  int opt;
  while ((opt = getopt(argc, argv, "b:")) != -1) {
    if (opt == 'b') body = strtoul(optarg, NULL, 10);
    if (opt == '?') return 2;
  }
  if (optind + 1 != argc) {
    fprintf(stderr, "usage: %s PORT [-b BODY_BYTES]\n", argv[0]);
    return 2;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, on_stop);
  signal(SIGINT, on_stop);
  http_init(body);

  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  int listener = listen_on((uint16_t)atoi(argv[optind]));
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
