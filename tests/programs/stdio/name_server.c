// covers: sendmmsg recvfrom poll connect
// link: -lresolv
// 32 threads ask a name server that takes 300 ms for each answer, so they wait inside libc; all is
// over soon after one such time, and a thread that only sleeps is not held up.
#include "slow_names.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

enum { kThreads = 32, kDelayMs = 300 };

static int server, server_port;

static void* serve(void* arg) {
  slow_names_serve(server, kDelayMs, kThreads);
  return arg;
}

static void* ask(void* arg) {
  struct __res_state state;
  memset(&state, 0, sizeof state);
  CHECK_OK(res_ninit(&state));
  state.nscount = 1;
  state.nsaddr_list[0] = loopback(server_port);
  state.retrans = 10;
  state.retry = 1;
  char name[50];
  snprintf(name, sizeof name, "host-%d.example.", (int)(intptr_t)arg);
  unsigned char reply[512];
  int n = res_nquery(&state, name, ns_c_in, ns_t_a, reply, sizeof reply);
  CHECK(n > 16);
  CHECK_EQ(reply[n - 1], 9);
  res_nclose(&state);
  return NULL;
}

static void* sleeps(void* arg) {
  for (int i = 0; i < 20; i++) sleep_ms(10);
  return arg;
}

int main(void) {
  server = slow_names_open(&server_port);
  long long start = now_ms();
  pthread_t s = THREAD(serve, NULL), t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(ask, (void*)i);
  pthread_t other = THREAD(sleeps, NULL);
  JOIN(other);
  CHECK_ELAPSED(start, 200, 200 + kDelayMs * 5);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  JOIN(s);
  // One after the other they would take 9,600 ms.
  CHECK_ELAPSED(start, kDelayMs, kDelayMs * kThreads / 3);
  return 0;
}
