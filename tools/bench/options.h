// What the hand-written event loops share: the command line.
// The HTTP work and the listening socket are those of the threaded server they are compared with.
#ifndef OPTIONS_H
#define OPTIONS_H

#include "../../examples/http.h"
#include "../../examples/server.h"

struct Options {
  uint16_t port;
  size_t body;
  int threads;
};

static struct Options options_of(int argc, char** argv) {
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
  server_init();
  http_init(options.body);
  return options;
}

#endif
