// HTTP/1.1 server, one thread for each connection: the plainest way to write one.
//
//   cc -O2 -pthread http_server.c -o http_server
//   ./http_server PORT [-b BODY_BYTES]        PORT 0: any free port, printed
#define _GNU_SOURCE
#include "http.h"
#include "server.h"

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
  server_init();
  http_init(body);
  server_accept(server_listen((uint16_t)atoi(argv[optind]), 0), connection);
}
