// covers: accept connect read write shutdown
// A proxy with two threads per connection between 20 clients and a server passes data and half-
// closes both ways.
#include "../help.h"

enum { kClients = 20, kBytes = 40000 };
static int server_port, proxy_port, server_listener, proxy_listener;

static void* copies(void* arg) {
  int* fds = arg;
  char buffer[1500];
  ssize_t n;
  while ((n = read(fds[0], buffer, sizeof buffer)) > 0) write_all(fds[1], buffer, (size_t)n);
  CHECK_EQ(n, 0);
  CHECK_OK(shutdown(fds[1], SHUT_WR));
  return NULL;
}

static void* proxies(void* arg) {
  int fds[4];
  fds[0] = fds[3] = (int)(intptr_t)arg;
  fds[1] = fds[2] = tcp_connect(server_port);
  pthread_t t = THREAD(copies, fds);
  copies(fds + 2);
  JOIN(t);
  close(fds[0]), close(fds[1]);
  return NULL;
}

static void* serves(void* arg) {
  int fd = (int)(intptr_t)arg;
  unsigned sum = 0, count = 0;
  unsigned char buffer[1000];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0)
    for (ssize_t i = 0; i < n; i++, count++) sum = sum * 31 + buffer[i];
  CHECK_EQ(count, kBytes);
  write_all(fd, &sum, sizeof sum);
  close(fd);
  return NULL;
}

static void* accepts(void* arg) {
  pthread_t t[kClients];
  for (int i = 0; i < kClients; i++) {
    int fd = accept(arg ? proxy_listener : server_listener, NULL, NULL);
    CHECK(fd >= 0);
    t[i] = THREAD(arg ? proxies : serves, (void*)(intptr_t)fd);
  }
  for (int i = 0; i < kClients; i++) JOIN(t[i]);
  return NULL;
}

static void* client(void* arg) {
  unsigned char* block = malloc(kBytes);
  unsigned sum = 0, answer = 0;
  for (int i = 0; i < kBytes; i++) {
    block[i] = (unsigned char)(i * 7 + (intptr_t)arg);
    sum = sum * 31 + block[i];
  }
  int fd = tcp_connect(proxy_port);
  write_all(fd, block, kBytes);
  CHECK_OK(shutdown(fd, SHUT_WR));
  CHECK_EQ(read_all(fd, &answer, sizeof answer), sizeof answer);
  CHECK_EQ(answer, sum);
  CHECK_EQ(read_all(fd, &answer, 1), 0);
  close(fd);
  free(block);
  return NULL;
}

int main(void) {
  pthread_t t[kClients];
  server_listener = tcp_listen(&server_port, 64);
  proxy_listener = tcp_listen(&proxy_port, 64);
  pthread_t a = THREAD(accepts, NULL), b = THREAD(accepts, &main);
  for (intptr_t i = 0; i < kClients; i++) t[i] = THREAD(client, (void*)i);
  for (int i = 0; i < kClients; i++) JOIN(t[i]);
  JOIN(a);
  JOIN(b);
  return 0;
}
