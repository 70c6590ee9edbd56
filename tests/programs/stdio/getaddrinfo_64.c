// covers: sendmmsg recvfrom poll connect
// link: -lresolv
// 64 threads in getaddrinfo, whose name server, another process, takes its time for each answer; threads that sleep go on
// meanwhile. Prints how long all took and by how much the latest sleeper was late.
//
//   getaddrinfo_64 [DELAY_MS]
#include "slow_names.h"

#include <limits.h>
#include <netdb.h>
#include <resolv.h>
#include <signal.h>
#include <sys/prctl.h>

enum { kThreads = 64, kSleepers = 10, kSleepMs = 10 };

static int port, delay_ms, stop;

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
  CHECK_EQ(ntohl(addr->sin_addr.s_addr), kSlowNamesAddress);
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
  int fd = slow_names_open(&port);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    slow_names_serve(fd, delay_ms, INT_MAX);
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
