// A ticker beside an HTTP GET. The answer comes from a server in the same process, which takes 35 ms over it; the client
// waits in recv() like any C program, and the ticks go on meanwhile.
#include <goshim/goshim.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static goshim_wait_group wg;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void server(void* listener) {
  char request[1024];
  const int conn = accept(*(int*)listener, NULL, NULL);
  const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  if (recv(conn, request, sizeof request, 0) <= 0) return;
  goshim_sleep(35 * GOSHIM_MILLISECOND);
  if (send(conn, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) perror("send");
  close(conn);
}

static void ticker(void* unused) {
  (void)unused;
  for (;;) {
    goshim_sleep(10 * GOSHIM_MILLISECOND);
    puts("tick..");
  }
}

static void get(void* unused) {
  (void)unused;
  char answer[1024] = "";
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&address, sizeof address) != 0) perror("connect");
  if (send(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 35, MSG_NOSIGNAL) < 0) perror("send");
  if (recv(fd, answer, sizeof answer - 1, 0) < 0) perror("recv");
  printf("%.*s\n", (int)strcspn(answer, "\r"), answer);  // the status line
  close(fd);
  goshim_wg_done(&wg);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr*)&address, size) != 0 || listen(listener, 1) != 0) return 1;
  getsockname(listener, (struct sockaddr*)&address, &size);
  goshim_go(server, &listener);

  goshim_go(ticker, NULL);
  goshim_wg_add(&wg, 1);
  goshim_go(get, NULL);
  goshim_wg_wait(&wg);
  return 0;
}
