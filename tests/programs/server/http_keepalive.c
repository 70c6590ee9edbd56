// covers: accept recv send shutdown poll
// A small keep-alive HTTP server, one thread a connection: pipelined, split and final requests are
// answered in order.
#include "../help.h"

static int port, listener;

static void* serve(void* arg) {
  int fd = (int)(intptr_t)arg, keep = 1, have = 0;
  char in[4096], out[256];
  while (keep) {
    char* end;
    while (!(in[have] = 0, end = strstr(in, "\r\n\r\n"))) {
      ssize_t n = recv(fd, in + have, sizeof in - 1 - (size_t)have, 0);
      CHECK(n >= 0);
      if (n == 0) goto out;
      have += (int)n;
    }
    int number = -1;
    CHECK_EQ(sscanf(in, "GET /%d HTTP/1.1", &number), 1);
    *end = 0;
    keep = strstr(in, "Connection: close") == NULL;
    have -= (int)(end + 4 - in);
    memmove(in, end + 4, (size_t)have);
    int n = snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d", number);
    CHECK_EQ(send(fd, out, (size_t)n, MSG_NOSIGNAL), n);
  }
out:
  close(fd);
  return NULL;
}

static void* accepts(void* arg) {
  pthread_t t[20];
  for (int i = 0; i < 20; i++) t[i] = THREAD(serve, (void*)(intptr_t)accept(listener, NULL, NULL));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  return arg;
}

static void* client(void* arg) {
  int fd = tcp_connect(port), id = (int)(intptr_t)arg;
  char text[512], answer[64], want[64];
  for (int i = 0; i < 12; i += 3) {
    int n = 0;
    for (int k = i; k < i + 3; k++)
      n += sprintf(text + n, "GET /%d HTTP/1.1\r\nHost: x\r\n%s\r\n", id * 100 + k,
                   k == 11 ? "Connection: close\r\n" : "");
    int cut = 1 + (id * 7 + i) % (n - 1);
    write_all(fd, text, (size_t)cut);
    if (id % 3 == 0) sleep_ms(1);
    write_all(fd, text + cut, (size_t)(n - cut));
    for (int k = i; k < i + 3; k++) {
      int m = sprintf(want, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d", id * 100 + k);
      CHECK_EQ(read_all(fd, answer, (size_t)m), m);
      CHECK(memcmp(answer, want, (size_t)m) == 0);
    }
  }
  CHECK_EQ(read(fd, text, 1), 0);
  close(fd);
  return NULL;
}

int main(void) {
  pthread_t t[20];
  listener = tcp_listen(&port, 64);
  pthread_t a = THREAD(accepts, NULL);
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(client, (void*)i);
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  JOIN(a);
  return 0;
}
