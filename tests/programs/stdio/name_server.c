// covers: sendmmsg recvfrom poll connect
// link: -lresolv
// 32 threads ask a name server that takes 300 ms for each answer, so they wait inside libc; all is
// over soon after one such time, and a thread that only sleeps is not held up.
#include "../help.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

enum { kThreads = 32, kDelayMs = 300, kQueries = 2 * kThreads };

static int server, server_port;

struct Question {
  struct sockaddr_in from;
  socklen_t from_len;
  unsigned char text[512];
  ssize_t size;
  long long due;
};

// An answer of one A record, to the question's name.
static void answer(const struct Question* q) {
  unsigned char out[600];
  memcpy(out, q->text, (size_t)q->size);
  out[2] = 0x84;
  out[3] = 0;
  out[7] = 1;
  memset(out + 8, 0, 4);
  // The question alone, without what follows it (EDNS).
  size_t at = 12;
  while (out[at] != 0) at += out[at] + 1u;
  at += 5;
  static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 9};
  memcpy(out + at, record, sizeof record);
  sendto(server, out, at + sizeof record, 0, (const struct sockaddr*)&q->from, q->from_len);
}

static void* serve(void* arg) {
  static struct Question queue[kQueries];
  int first = 0, last = 0;
  while (first < kThreads) {
    struct Question* q = &queue[last % kQueries];
    q->from_len = sizeof q->from;
    q->size = recvfrom(server, q->text, sizeof q->text, MSG_DONTWAIT, (struct sockaddr*)&q->from,
                       &q->from_len);
    if (q->size > 0) {
      q->due = now_ms() + kDelayMs;
      last++;
      continue;
    }
    if (first < last && queue[first % kQueries].due <= now_ms()) {
      answer(&queue[first++ % kQueries]);
      continue;
    }
    sleep_ms(2);
  }
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
  server = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in addr = loopback(0);
  socklen_t len = sizeof addr;
  CHECK_OK(bind(server, (struct sockaddr*)&addr, len));
  CHECK_OK(getsockname(server, (struct sockaddr*)&addr, &len));
  server_port = ntohs(addr.sin_port);
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
