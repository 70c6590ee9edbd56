// Holds many keep-alive connections open at once, then sends one request on each and checks every
// answer byte for byte.
//
// Several processes share the work, since one may have few file descriptors, and each connects from
// its own 127.0.0.x, since an address has only some 28,000 ports for one server.
//
//   hold_client PORT [-n CONNECTIONS] [-p PROCESSES] [-b BODY_BYTES] [-r ROUNDS] [-s SECONDS_HELD]
//   [-i SERVER_PID]
//
// Prints what was held and answered; status 0 when all of it was, 1 otherwise.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../examples/http.h"

enum { kMaxProcesses = 200, kPatience = 60 };

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

struct Count {
  long held, answered, wrong;
};

static int port;
static const struct HttpReply* expected;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int connect_from(int process) {
  int one = 1;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  struct timeval patience = {.tv_sec = kPatience};
  struct sockaddr_in from = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)process)};
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (bind(fd, (struct sockaddr*)&from, sizeof from) != 0 ||
      connect(fd, (struct sockaddr*)&to, sizeof to) != 0) {
    int err = errno;
    close(fd);
    errno = err;
    return -1;
  }
  return fd;
}

static bool answer_is_right(int fd, char* buf) {
  size_t have = 0;
  while (have < expected->size) {
    ssize_t got = recv(fd, buf + have, expected->size - have, 0);
    if (got <= 0) return false;
    have += (size_t)got;
  }
  return memcmp(buf, expected->bytes, have) == 0 && recv(fd, buf, 1, MSG_DONTWAIT) < 0 &&
         errno == EAGAIN;
}

// One process: connects, tells how many it holds, waits for a byte for each round, tells how the
// round went.
static void child(int process, long connections, int rounds, int commands, int reports) {
  static const char kRequest[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  int* fds = calloc((size_t)connections, sizeof *fds);
  char *buf = malloc(expected->size), command;
  struct Count count = {0};
  if (!fds || !buf) _exit(1);
  while (count.held < connections) {
    int fd = connect_from(process);
    if (fd < 0) {
      fprintf(stderr, "process %d, connection %ld: %s\n", process, count.held, strerror(errno));
      break;
    }
    fds[count.held++] = fd;
  }
  if (write(reports, &count, sizeof count) != sizeof count) _exit(1);
  for (int round = 0; round < rounds && read(commands, &command, 1) == 1; round++) {
    count.answered = count.wrong = 0;
    for (long i = 0; i < count.held; i++) {
      if (fds[i] >= 0 &&
          send(fds[i], kRequest, sizeof kRequest - 1, MSG_NOSIGNAL) != sizeof kRequest - 1) {
        close(fds[i]);
        fds[i] = -1;
      }
    }
    for (long i = 0; i < count.held; i++) {
      if (fds[i] >= 0 && answer_is_right(fds[i], buf)) {
        count.answered++;
        continue;
      }
      count.wrong++;
      if (fds[i] >= 0) close(fds[i]);
      fds[i] = -1;
    }
    if (write(reports, &count, sizeof count) != sizeof count) _exit(1);
  }
  _exit(0);  // all connections end here at once
}

// Sums the processes' reports; false if one has died.
static bool collect(int processes, int reports[][2], struct Count* sum) {
  *sum = (struct Count){0};
  bool all = true;
  for (int i = 0; i < processes; i++) {
    struct Count count;
    if (read(reports[i][0], &count, sizeof count) != sizeof count) {
      all = false;
      continue;
    }
    sum->held += count.held;
    sum->answered += count.answered;
    sum->wrong += count.wrong;
  }
  return all;
}

static void print_server(long pid) {
  char path[64], line[256];
  if (pid <= 0) return;
  snprintf(path, sizeof path, "/proc/%ld/status", pid);
  FILE* f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f)) {
    if (!strncmp(line, "Threads:", 8) || !strncmp(line, "VmRSS:", 6) || !strncmp(line, "VmPTE:", 6))
      printf("server %s", line);
  }
  if (f) fclose(f);
}

int main(int argc, char** argv) {
  long connections = 15000, held_seconds = 1, server = 0;
  int processes = 4, rounds = 1, opt;
  size_t body = 13;
  while ((opt = getopt(argc, argv, "n:p:b:r:s:i:")) != -1) {
    if (opt == 'n') connections = atol(optarg);
    if (opt == 'p') processes = atoi(optarg);
    if (opt == 'b') body = strtoul(optarg, NULL, 10);
    if (opt == 'r') rounds = atoi(optarg);
    if (opt == 's') held_seconds = atol(optarg);
    if (opt == 'i') server = atol(optarg);
    if (opt == '?') return 2;
  }
  if (optind + 1 != argc || processes < 1 || processes > kMaxProcesses || connections < processes) {
    fprintf(stderr,
            "usage: %s PORT [-n CONNECTIONS] [-p PROCESSES] [-b BODY] [-r ROUNDS] [-s SECONDS] [-i "
            "PID]\n",
            argv[0]);
    return 2;
  }
  port = atoi(argv[optind]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  http_init(body);
  expected = &http_replies[kHttpOk][0];

  static int commands[kMaxProcesses][2], reports[kMaxProcesses][2];
  double start = now();
  for (int i = 0; i < processes; i++) {
    long share = connections / processes + (i < connections % processes);
    if (pipe2(commands[i], O_CLOEXEC) != 0 || pipe2(reports[i], O_CLOEXEC) != 0) return 1;
    pid_t pid = fork();
    if (pid < 0) return 1;
    if (pid == 0) {
      for (int j = 0; j <= i; j++) {
        close(commands[j][1]);  // else no child would ever see the end of its commands
        close(reports[j][0]);
      }
      child(i, share, rounds, commands[i][0], reports[i][1]);
    }
    close(commands[i][0]);
    close(reports[i][1]);
  }

  struct Count sum;
  bool good = collect(processes, reports, &sum) && sum.held == connections;
  printf("held %ld of %ld connections from %d processes, made in %.2f s\n", sum.held, connections,
         processes, now() - start);
  fflush(stdout);
  for (int round = 0; round < rounds; round++) {
    sleep((unsigned)held_seconds);
    if (round == 0) print_server(server);
    start = now();
    for (int i = 0; i < processes; i++) {
      if (write(commands[i][1], "", 1) != 1) good = false;
    }
    good =
        collect(processes, reports, &sum) && good && sum.wrong == 0 && sum.answered == connections;
    printf("round %d: %ld right answers, %ld wrong or missing, in %.2f s\n", round + 1,
           sum.answered, sum.wrong, now() - start);
    fflush(stdout);
  }
  for (int i = 0; i < processes; i++) close(commands[i][1]);
  while (wait(NULL) > 0) {
  }
  puts(good ? "good" : "BAD");
  return good ? 0 : 1;
}
