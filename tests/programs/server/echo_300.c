// covers: socket bind listen accept connect read write close pthread_create
// A thread-per-connection echo server and 300 client threads in one process, all connected at once.
#include "../help.h"

enum { kClients = 300 };
static int port, listener;
static pthread_attr_t small;
static pthread_barrier_t connected;

static void* serve(void* arg) {
  int fd = (int)(intptr_t)arg;
  char buffer[256];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) write_all(fd, buffer, (size_t)n);
  CHECK_EQ(n, 0);
  close(fd);
  return NULL;
}

static void* accepts(void* arg) {
  static pthread_t t[kClients];
  for (int i = 0; i < kClients; i++) {
    int fd = accept(listener, NULL, NULL);
    CHECK(fd >= 0);
    CHECK_OK(pthread_create(&t[i], &small, serve, (void*)(intptr_t)fd));
  }
  for (int i = 0; i < kClients; i++) JOIN(t[i]);
  return arg;
}

static void* client(void* arg) {
  int fd = tcp_connect(port);
  pthread_barrier_wait(&connected);
  for (int i = 0; i < 10; i++) {
    char out[40], in[40];
    int n = snprintf(out, sizeof out, "client %d message %d", (int)(intptr_t)arg, i);
    write_all(fd, out, (size_t)n);
    CHECK_EQ(read_all(fd, in, (size_t)n), n);
    CHECK(memcmp(in, out, (size_t)n) == 0);
  }
  close(fd);
  return NULL;
}

int main(void) {
  static pthread_t t[kClients];
  listener = tcp_listen(&port, 512);
  pthread_barrier_init(&connected, NULL, kClients);
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 << 10);
  pthread_t a = THREAD(accepts, NULL);
  for (intptr_t i = 0; i < kClients; i++) CHECK_OK(pthread_create(&t[i], &small, client, (void*)i));
  for (int i = 0; i < kClients; i++) JOIN(t[i]);
  JOIN(a);
  return 0;
}
