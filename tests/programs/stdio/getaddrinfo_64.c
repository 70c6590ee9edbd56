// covers: sendmmsg recvfrom poll connect
// link: -lresolv
// 64 threads in getaddrinfo, whose name server, another process, takes its time for each answer; threads that sleep go on
// meanwhile. Prints how long all took and by how much the latest sleeper was late.
//
//   getaddrinfo_64 [DELAY_MS]
#include "../help.h"

#include <netdb.h>
#include <resolv.h>
#include <signal.h>
#include <sys/prctl.h>

enum { kThreads = 64, kSleepers = 10, kSleepMs = 10, kQueue = 4 * kThreads, kAddress = 0x7f000009 };

static int port, delay_ms, stop;

struct Question {
  struct sockaddr_in from;
  socklen_t from_len;
  unsigned char text[512];
  ssize_t size;
  long long due;
};

// The address 127.0.0.9 for a question of type A, else no record.
static void answer(int fd, const struct Question* q) {
  static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 9};
  unsigned char out[600];
  memcpy(out, q->text, (size_t)q->size);
  size_t at = 12;
  while (out[at] != 0) at += out[at] + 1u;
  int is_a = out[at + 2] == 1;
  at += 5;  // the question alone, without what follows it (EDNS)
  out[2] = 0x84;
  out[3] = 0;
  memset(out + 6, 0, 6);
  out[7] = (unsigned char)is_a;
  if (is_a) memcpy(out + at, record, sizeof record);
  sendto(fd, out, at + (is_a ? sizeof record : 0), 0, (const struct sockaddr*)&q->from,
         q->from_len);
}

static void serve(int fd) {
  static struct Question queue[kQueue];
  int first = 0, last = 0;
  for (;;) {
    struct Question* q = &queue[last % kQueue];
    q->from_len = sizeof q->from;
    q->size = recvfrom(fd, q->text, sizeof q->text, MSG_DONTWAIT, (struct sockaddr*)&q->from,
                       &q->from_len);
    if (q->size > 0) {
      q->due = now_ms() + delay_ms;
      last++;
    } else if (first < last && queue[first % kQueue].due <= now_ms()) {
      answer(fd, &queue[first++ % kQueue]);
    } else {
      sleep_ms(1);
    }
  }
}

static void* ask(void* arg) {
  // Who changes its _res has set the servers for its getaddrinfo.
  CHECK_OK(res_init());
  _res.nscount = 1;
  _res.nsaddr_list[0] = loopback(port);
  _res.retrans = 10;
  _res.options |= RES_DEFAULT;
  char name[50];
  snprintf(name, sizeof name, "host-%d.example.", (int)(intptr_t)arg);
  struct addrinfo hints, *found = NULL;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  CHECK_STR(gai_strerror(getaddrinfo(name, "80", &hints, &found)), gai_strerror(0));
  CHECK_EQ(found->ai_family, AF_INET);
  struct sockaddr_in* addr = (struct sockaddr_in*)(void*)found->ai_addr;
  CHECK_EQ(ntohl(addr->sin_addr.s_addr), kAddress);
  freeaddrinfo(found);
  return NULL;
}

// The nanoseconds by which its latest sleep was late.
static void* sleeper(void* arg) {
  long long latest = 0;
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
    long long start = now_ns();
    sleep_ms(kSleepMs);
    long long late = now_ns() - start - kSleepMs * 1000000LL;
    if (late > latest) latest = late;
  }
  *(long long*)arg = latest;
  return NULL;
}

static pid_t start_server(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  CHECK_OK(bind(fd, (struct sockaddr*)&addr, len));
  CHECK_OK(getsockname(fd, (struct sockaddr*)&addr, &len));
  port = ntohs(addr.sin_port);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(fd);
  }
  close(fd);
  return child;
}

int main(int argc, char** argv) {
  delay_ms = argc > 1 ? atoi(argv[1]) : 200;
  pid_t server = start_server();
  pthread_t t[kThreads], s[kSleepers];
  long long late[kSleepers], latest = 0, start = now_ms();
  for (int i = 0; i < kSleepers; i++) s[i] = THREAD(sleeper, &late[i]);
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(ask, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  printf("getaddrinfo_64 %lld ms\n", now_ms() - start);
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < kSleepers; i++) {
    JOIN(s[i]);
    if (late[i] > latest) latest = late[i];
  }
  printf("getaddrinfo_64_late %.1f ms\n", (double)latest / 1e6);
  // One after the other they would take 64 times as long.
  CHECK_ELAPSED(start, delay_ms, delay_ms * kThreads / 3);
  kill(server, SIGKILL);
  return 0;
}
