// Keep-alive HTTP requests over many connections that lead through a proxy, gets from memcached, or searches in an LDAP
// directory: what wrk cannot do.
//
// One thread, one epoll instance: each connection greets the server, then asks and waits for the answer, again and again.
//
//   tunnel_client PORT ORIGIN_PORT [-p socks|connect|memcached|ldap] [-n CONNECTIONS] [-s SECONDS] [-w WARM_UP_SECONDS]
//
// Prints "REQUESTS requests, P50 p50, P99 p99, ERRORS errors" (microseconds), counted after the warm-up; "warm" is
// printed when that is over. Status 0 when no connection failed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char kGet[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char kSet[] = "set k 0 0 13\r\nabcdefghijklm\r\n";
static const char kCachedGet[] = "get k\r\n";
static const char kCached[] = "VALUE k 0 13\r\nabcdefghijklm\r\nEND\r\n";
// Simple bind as nobody, and a search for cn of the entry cn=u7,dc=t alone (RFC 4511).
static const char kBind[] = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
static const char kSearch[] =
    "\x30\x33\x02\x01\x02\x63\x2e\x04\x0a"
    "cn=u7,dc=t\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0b"
    "objectClass\x30\x04\x04\x02"
    "cn";

enum { kHistogram = 1 << 20 };  // microseconds; the last one is for all that took longer
static uint32_t histogram[kHistogram];

struct Connection {
  int fd, step;
  double asked;
  size_t got, want;  // bytes of an answer; want is learnt from the first
  char text[4096];
};

static struct {
  char hello[64], request[64];
  size_t hello_size, request_size, hello_reply, request_reply;
  const char* question;
  size_t question_size, answer_size;  // 0: each connection learns it
  int ldap;
} proxy = {.question = kGet, .question_size = sizeof kGet - 1};
static long requests, errors;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void put(struct Connection* c, const void* data, size_t size) {
  c->got = 0;
  c->asked = now();
  if (send(c->fd, data, size, MSG_NOSIGNAL) != (ssize_t)size) errors++;
}

// An entry and then the result of the search, which is tagged 0x65; nothing is longer than 127 bytes.
static size_t ldap_size(const struct Connection* c) {
  const unsigned char* text = (const unsigned char*)c->text;
  for (size_t at = 0; at + 2 <= c->got; at += 2 + text[at + 1]) {
    if (at + 2 + text[at + 1] > c->got) return 0;
    if (text[at + 5] != 0x65) continue;
    if (at == 0 || text[at + 9] != 0) errors++;
    return at + 2 + text[at + 1];
  }
  return 0;
}

// An answer ends where its Content-Length says, or at its head's end.
static int is_whole(struct Connection* c) {
  if (c->want) return c->got >= c->want;
  if (proxy.ldap) return (c->want = ldap_size(c)) != 0;
  c->text[c->got] = 0;
  char* end = strstr(c->text, "\r\n\r\n");
  char* length = strcasestr(c->text, "Content-Length:");
  if (!end) return 0;
  size_t size = (size_t)(end + 4 - c->text) + (length ? strtoul(length + 15, NULL, 10) : 0);
  if (c->got < size) return 0;
  if (c->step >= 2) c->want = size;
  return 1;
}

static void went_on(struct Connection* c) {
  if (c->step == 0) {
    if (c->got < proxy.hello_reply) return;
    c->step = 1;
    put(c, proxy.request, proxy.request_size);
  } else if (c->step == 1) {
    if (proxy.request_reply ? c->got < proxy.request_reply : !is_whole(c)) return;
    c->step = 2;
    put(c, proxy.question, proxy.question_size);
  } else if (is_whole(c)) {
    double took = now() - c->asked;
    histogram[took < kHistogram - 1 ? (int)took : kHistogram - 1]++;
    requests++;
    put(c, proxy.question, proxy.question_size);
  }
}

static void begin(struct Connection* c, int epoll, int port, uint32_t number) {
  int one = 1;
  struct sockaddr_in from = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number % 200)};
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  c->want = proxy.answer_size;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(c->fd, (struct sockaddr*)&from, sizeof from) ||
      connect(c->fd, (struct sockaddr*)&to, sizeof to)) {
    perror("connect");
    exit(1);
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
  if (proxy.hello_size) {
    put(c, proxy.hello, proxy.hello_size);
  } else {
    c->step = 1;
    put(c, proxy.request, proxy.request_size);
  }
}

static void run_until(int epoll, double end) {
  struct epoll_event events[256];
  while (now() < end) {
    int count = epoll_wait(epoll, events, 256, 100);
    for (int i = 0; i < count; i++) {
      struct Connection* c = events[i].data.ptr;
      ssize_t size = recv(c->fd, c->text + c->got, sizeof c->text - 1 - c->got, MSG_DONTWAIT);
      if (size > 0) {
        c->got += (size_t)size;
        went_on(c);
      } else if (size == 0 || errno != EAGAIN) {
        errors++;
        close(c->fd);
      }
    }
  }
}

static int percentile(double part) {
  uint64_t seen = 0, all = 0;
  for (int i = 0; i < kHistogram; i++) all += histogram[i];
  for (int i = 0; i < kHistogram; i++)
    if ((seen += histogram[i]) >= (uint64_t)((double)all * part)) return i;
  return 0;
}

static void greet_by(const char* how, int origin) {
  if (strcmp(how, "socks") == 0) {
    memcpy(proxy.hello, "\5\1\0", proxy.hello_size = 3);
    memcpy(proxy.request, "\5\1\0\1\x7f\0\0\1", 8);
    proxy.request[8] = (char)(origin >> 8);
    proxy.request[9] = (char)origin;
    proxy.request_size = 10;
    proxy.hello_reply = 2;
    proxy.request_reply = 10;
  } else if (strcmp(how, "memcached") == 0) {
    memcpy(proxy.hello, kSet, proxy.hello_size = sizeof kSet - 1);
    memcpy(proxy.request, kCachedGet, proxy.request_size = sizeof kCachedGet - 1);
    proxy.question = kCachedGet;
    proxy.question_size = sizeof kCachedGet - 1;
    proxy.hello_reply = sizeof "STORED\r\n" - 1;
    proxy.request_reply = proxy.answer_size = sizeof kCached - 1;
  } else if (strcmp(how, "ldap") == 0) {
    memcpy(proxy.hello, kBind, proxy.hello_size = sizeof kBind - 1);
    memcpy(proxy.request, kSearch, proxy.request_size = sizeof kSearch - 1);
    proxy.question = kSearch;
    proxy.question_size = sizeof kSearch - 1;
    proxy.hello_reply = 14;
    proxy.ldap = 1;
  } else {
    proxy.request_size =
        (size_t)snprintf(proxy.request, sizeof proxy.request,
                         "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: localhost\r\n\r\n", origin);
  }
}

int main(int argc, char** argv) {
  const char* how = "socks";
  int count = 256, option;
  double seconds = 2, warm = 1;
  while ((option = getopt(argc, argv, "p:n:s:w:")) != -1) {
    if (option == 'p')
      how = optarg;
    else if (option == 'n')
      count = atoi(optarg);
    else if (option == 's')
      seconds = atof(optarg);
    else if (option == 'w')
      warm = atof(optarg);
    else
      return 2;
  }
  if (optind + 2 != argc) return 2;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  greet_by(how, atoi(argv[optind + 1]));
  struct Connection* all = calloc((size_t)count, sizeof *all);
  int epoll = epoll_create1(0);
  for (int i = 0; i < count; i++) begin(&all[i], epoll, atoi(argv[optind]), (uint32_t)i);
  run_until(epoll, now() + warm * 1e6);
  printf("warm\n");
  fflush(stdout);
  memset(histogram, 0, sizeof histogram);
  requests = 0;
  run_until(epoll, now() + seconds * 1e6);
  printf("%ld requests, %d p50, %d p99, %ld errors\n", requests, percentile(0.5), percentile(0.99),
         errors);
  return errors != 0;
}
