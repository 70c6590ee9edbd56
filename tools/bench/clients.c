// Many clients of every manner at once, for a time; every answer is checked. For long runs against
// examples/*_server.c.
//
//   clients PORT [-m http|echo|kv] [-k CLIENTS] [-t SECONDS] [-b BODY_BYTES] [-S SEED] [-p SECONDS] [-q]
//
// http: clients keep a connection or ask to close it, send many requests at once, a byte at a time,
//       or half of one and then vanish (by reset or in order), or close their sending side before
//       they read.
//
// echo: streams of bytes that name client and place, in pieces of all sizes; some vanish half-way.
//
// kv:   each client writes and reads back keys of its own; all add to one shared key, whose sum is
//       right at the end.
//
// -p: how long a client waits on average before it sends, in the middle of anything.
// -q leaves out the waits and the clients that vanish: for measuring.
//
// Prints what was done; status 1 on any wrong, late (10 s) or missing answer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../../examples/http.h"

enum { kPatience = 10, kStack = 256 << 10, kMaxPrinted = 10 };

enum Manner {
  kKeepAlive,
  kClose,
  kPipelined,
  kSlow,
  kVanish,
  kReset,
  kHalfClose,
  kEcho,
  kKv,
  kManners
};

static const char* const kMannerNames[kManners] = {
    "keep-alive",     "close",      "pipelined", "slow writer", "vanished half-way",
    "reset half-way", "half-close", "echo",      "key-value"};

struct Client {
  pthread_t thread;
  int id;
  uint64_t random;
  const char* doing;  // for the message when it goes wrong
};

static int port;
static const char* mode = "http";
static bool quick;
static double pause_before;
static double deadline;
static char sum_key[64];  // of this run alone
static atomic_long done[kManners], answers, connections, wrong, added;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t pick(struct Client* c, uint32_t below) {
  c->random ^= c->random << 13;  // xorshift64
  c->random ^= c->random >> 7;
  c->random ^= c->random << 17;
  return (uint32_t)(c->random >> 32) % below;
}

static bool fail(struct Client* c, const char* what) {
  if (atomic_fetch_add(&wrong, 1) < kMaxPrinted) {
    fprintf(stderr, "client %d, %s: %s (%s)\n", c->id, c->doing, what,
            errno ? strerror(errno) : "no errno");
  }
  return false;
}

static void nap(struct Client* c) {
  if (!quick) usleep(pick(c, 3000));
}

static int open_connection(struct Client* c) {
  int one = 1;
  struct timeval patience = {.tv_sec = kPatience};
  // Sources of their own keep a long run from using up the ports of one address.
  struct sockaddr_in from = {
      .sin_family = AF_INET,
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(c->id % 200))};
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(fd, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (fd < 0 || bind(fd, (struct sockaddr*)&from, sizeof from) != 0 ||
      connect(fd, (struct sockaddr*)&to, sizeof to) != 0) {
    fail(c, "connect");
    if (fd >= 0) close(fd);
    return -1;
  }
  atomic_fetch_add(&connections, 1);
  return fd;
}

static bool send_all(struct Client* c, int fd, const char* bytes, size_t size) {
  if (pause_before > 0) usleep(pick(c, (uint32_t)(2e6 * pause_before)));
  errno = 0;
  return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size || fail(c, "send");
}

static bool receive(struct Client* c, int fd, const char* expected, size_t size) {
  char buf[16384];
  while (size > 0) {
    errno = 0;
    ssize_t got = recv(fd, buf, size < sizeof buf ? size : sizeof buf, 0);
    if (got <= 0) return fail(c, got == 0 ? "end of file in an answer" : "no answer");
    if (memcmp(buf, expected, (size_t)got) != 0) return fail(c, "wrong answer");
    expected += got;
    size -= (size_t)got;
  }
  return true;
}

static bool receive_replies(struct Client* c, int fd, enum HttpKind kind, bool close, int n) {
  const struct HttpReply* reply = &http_replies[kind][close];
  for (int i = 0; i < n; i++) {
    if (!receive(c, fd, reply->bytes, reply->size)) return false;
    atomic_fetch_add(&answers, 1);
  }
  return true;
}

static bool receive_end(struct Client* c, int fd) {
  char byte;
  errno = 0;
  ssize_t got = recv(fd, &byte, 1, 0);
  if (got > 0) return fail(c, "bytes after the last answer");
  return got == 0 || fail(c, "no end of file");
}

static const char kRequest[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: clients\r\n\r\n";
static const char kLost[] = "GET /lost HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char kLast[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
enum { kRequestSize = sizeof kRequest - 1 };

static bool keep_alive(struct Client* c, int fd) {
  int n = 1 + (int)pick(c, quick ? 1000 : 50);
  for (int i = 0; i < n; i++) {
    bool lost = pick(c, 10) == 0;
    if (!send_all(c, fd, lost ? kLost : kRequest, lost ? sizeof kLost - 1 : kRequestSize))
      return false;
    if (!receive_replies(c, fd, lost ? kHttpNotFound : kHttpOk, false, 1)) return false;
    if (pick(c, 8) == 0) nap(c);
  }
  return true;
}

static bool pipelined(struct Client* c, int fd) {
  char requests[32 * kRequestSize];
  int n = 2 + (int)pick(c, 31);
  for (int i = 0; i < n; i++) memcpy(requests + i * kRequestSize, kRequest, kRequestSize);
  size_t all = (size_t)n * kRequestSize, first = pick(c, (uint32_t)all);
  if (!send_all(c, fd, requests, first)) return false;
  nap(c);
  return send_all(c, fd, requests + first, all - first) &&
         receive_replies(c, fd, kHttpOk, false, n);
}

static bool slow_writer(struct Client* c, int fd) {
  for (size_t at = 0; at < kRequestSize;) {
    size_t n = 1 + pick(c, 5);
    if (n > kRequestSize - at) n = kRequestSize - at;
    if (!send_all(c, fd, kRequest + at, n)) return false;
    at += n;
    nap(c);
  }
  return receive_replies(c, fd, kHttpOk, false, 1);
}

static bool vanish(struct Client* c, int fd, bool reset) {
  struct linger now_and_hard = {.l_onoff = 1, .l_linger = 0};
  if (pick(c, 2) && !send_all(c, fd, kRequest, kRequestSize)) return false;  // answered to nobody
  if (!send_all(c, fd, kRequest, 1 + pick(c, kRequestSize - 1))) return false;
  nap(c);
  if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now_and_hard, sizeof now_and_hard);
  return true;
}

static bool half_close(struct Client* c, int fd) {
  return send_all(c, fd, kRequest, kRequestSize) && shutdown(fd, SHUT_WR) == 0 &&
         receive_replies(c, fd, kHttpOk, false, 1) && receive_end(c, fd);
}

static bool echo(struct Client* c, int fd) {
  char data[8192];
  int n = 1 + (int)pick(c, quick ? 1000 : 30);
  for (int i = 0; i < n; i++) {
    size_t size = quick ? 64 : 1 + pick(c, pick(c, 4) == 0 ? sizeof data : 100);
    uint64_t mark = ((uint64_t)c->id << 32 | (uint64_t)i) * 0x9E3779B97F4A7C15u;
    for (size_t at = 0; at < size; at++) data[at] = (char)(mark >> (at % 8 * 8)) + (char)(at / 8);
    if (!send_all(c, fd, data, size)) return false;
    if (!quick && pick(c, 60) == 0) return true;  // gone without reading
    if (pick(c, 8) == 0) nap(c);
    if (!receive(c, fd, data, size)) return false;
    atomic_fetch_add(&answers, 1);
  }
  return shutdown(fd, SHUT_WR) == 0 && receive_end(c, fd);
}

static bool kv(struct Client* c, int fd) {
  char line[256], expected[256];
  int n = 1 + (int)pick(c, quick ? 1000 : 30);
  for (int i = 0; i < n; i++) {
    uint32_t key = pick(c, 16), value = pick(c, 1000000);
    int size =
        snprintf(line, sizeof line, "SET c%d.%u %u\nGET c%d.%u\n", c->id, key, value, c->id, key);
    int answer = snprintf(expected, sizeof expected, "OK\nVALUE %u\n", value);
    if (!send_all(c, fd, line, (size_t)size) || !receive(c, fd, expected, (size_t)answer))
      return false;
    atomic_fetch_add(&answers, 2);
    if (pick(c, 4) != 0) continue;
    // The sum so far is anybody's guess: its line is read, its end checked by main.
    char byte = 0;
    size = snprintf(line, sizeof line, "ADD %s 1\n", sum_key);
    if (!send_all(c, fd, line, (size_t)size)) return false;
    while (byte != '\n') {
      errno = 0;
      if (recv(fd, &byte, 1, 0) != 1) return fail(c, "no answer to ADD");
    }
    atomic_fetch_add(&added, 1);
    atomic_fetch_add(&answers, 1);
    nap(c);
  }
  return true;
}

static void converse(struct Client* c) {
  enum Manner manner = kKeepAlive;
  if (!strcmp(mode, "echo")) {
    manner = kEcho;
  } else if (!strcmp(mode, "kv")) {
    manner = kKv;
  } else if (!quick) {
    manner = (enum Manner)pick(c, kEcho);
  }
  c->doing = kMannerNames[manner];
  int fd = open_connection(c);
  if (fd < 0) {
    usleep(10000);
    return;
  }
  bool good = true;
  switch (manner) {
    case kKeepAlive:
      good = keep_alive(c, fd);
      break;
    case kClose:
      good = send_all(c, fd, kLast, sizeof kLast - 1) && receive_replies(c, fd, kHttpOk, true, 1) &&
             receive_end(c, fd);
      break;
    case kPipelined:
      good = pipelined(c, fd);
      break;
    case kSlow:
      good = slow_writer(c, fd);
      break;
    case kVanish:
      good = vanish(c, fd, false);
      break;
    case kReset:
      good = vanish(c, fd, true);
      break;
    case kHalfClose:
      good = half_close(c, fd);
      break;
    case kEcho:
      good = echo(c, fd);
      break;
    case kKv:
      good = kv(c, fd);
      break;
    case kManners:
      break;
  }
  close(fd);
  if (good) atomic_fetch_add(&done[manner], 1);
}

static void* client(void* arg) {
  struct Client* c = arg;
  while (now() < deadline) converse(c);
  return NULL;
}

int main(int argc, char** argv) {
  int clients = 200, opt;
  double seconds = 10;
  size_t body = 13;
  uint64_t seed = (uint64_t)time(NULL);
  while ((opt = getopt(argc, argv, "m:k:t:b:S:p:q")) != -1) {
    if (opt == 'm') mode = optarg;
    if (opt == 'k') clients = atoi(optarg);
    if (opt == 't') seconds = atof(optarg);
    if (opt == 'b') body = strtoul(optarg, NULL, 10);
    if (opt == 'S') seed = strtoull(optarg, NULL, 10);
    if (opt == 'p') pause_before = atof(optarg);
    if (opt == 'q') quick = true;
    if (opt == '?') return 2;
  }
  if (optind + 1 != argc || clients < 1 ||
      (strcmp(mode, "http") && strcmp(mode, "echo") && strcmp(mode, "kv"))) {
    fprintf(stderr,
            "usage: %s PORT [-m http|echo|kv] [-k CLIENTS] [-t SECONDS] [-b BODY] [-S SEED] "
            "[-p SECONDS] [-q]\n",
            argv[0]);
    return 2;
  }
  port = atoi(argv[optind]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  http_init(body);
  deadline = now() + seconds;
  snprintf(sum_key, sizeof sum_key, "sum.%ld.%ld", (long)time(NULL), (long)getpid());

  struct Client* all = calloc((size_t)clients + 1, sizeof *all);
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, kStack);
  for (int i = 0; i <= clients; i++) {
    if (!all) return 1;
    all[i].id = i;
    all[i].random = (seed + (uint64_t)i + 1) * 0x9E3779B97F4A7C15u | 1;
    if (i < clients && pthread_create(&all[i].thread, &attr, client, &all[i]) != 0) {
      perror("pthread_create");
      return 1;
    }
  }
  double start = now();
  for (int i = 0; i < clients; i++) pthread_join(all[i].thread, NULL);
  double took = now() - start;

  if (!strcmp(mode, "kv")) {
    struct Client* c = &all[clients];
    char line[96], expected[64];
    int size = snprintf(line, sizeof line, "ADD %s 0\n", sum_key);
    int answer = snprintf(expected, sizeof expected, "VALUE %ld\n", atomic_load(&added));
    c->doing = "sum of all";
    int fd = open_connection(c);
    // A client that failed may have added without knowing: then there is an error anyway.
    if (fd >= 0 && send_all(c, fd, line, (size_t)size)) receive(c, fd, expected, (size_t)answer);
    if (fd >= 0) close(fd);
  }
  printf("%d %s clients, seed %llu: %ld right answers on %ld connections in %.1f s, %.0f/s\n",
         clients, mode, (unsigned long long)seed, atomic_load(&answers), atomic_load(&connections),
         took, (double)atomic_load(&answers) / took);
  for (int i = 0; i < kManners; i++) {
    if (done[i] > 0) printf("  %-18s %ld\n", kMannerNames[i], atomic_load(&done[i]));
  }
  printf("%ld wrong\n", atomic_load(&wrong));
  return wrong > 0 ? 1 : 0;
}
