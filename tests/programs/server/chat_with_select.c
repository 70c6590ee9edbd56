// covers: select accept read write
// A chat server thread in a select loop repeats each line to all clients, which are threads of the
// same process.
#include "../help.h"

#include <sys/select.h>

enum { kClients = 10, kLines = 20 };
static int port, listener;
static pthread_barrier_t joined;

static void* serve(void* arg) {
  int fds[kClients], count = 0, open_count = 0, most = listener;
  fd_set all;
  FD_ZERO(&all);
  FD_SET(listener, &all);
  do {
    fd_set r = all;
    CHECK(select(most + 1, &r, NULL, NULL, NULL) > 0);
    if (FD_ISSET(listener, &r)) {
      int fd = accept(listener, NULL, NULL);
      CHECK(fd >= 0 && count < kClients);
      fds[count++] = fd;
      open_count++;
      FD_SET(fd, &all);
      if (fd > most) most = fd;
    }
    for (int i = 0; i < count; i++) {
      char message[4];
      if (!FD_ISSET(fds[i], &r)) continue;
      size_t n = read_all(fds[i], message, sizeof message);
      if (n == 0) {
        FD_CLR(fds[i], &all);
        open_count--;
        continue;
      }
      CHECK_EQ(n, sizeof message);
      for (int k = 0; k < count; k++) write_all(fds[k], message, sizeof message);
    }
  } while (open_count > 0);
  for (int i = 0; i < count; i++) close(fds[i]);
  return arg;
}

static void* client(void* arg) {
  int fd = tcp_connect(port), from[kClients] = {0};
  char message[4] = {(char)(intptr_t)arg, 0, 'o', 'k'};
  write_all(fd, message, 4);
  CHECK_EQ(read_all(fd, message, 4), 4); /* the server knows us */
  while (message[0] != (char)(intptr_t)arg) CHECK_EQ(read_all(fd, message, 4), 4);
  pthread_barrier_wait(&joined);
  for (int i = 1; i <= kLines; i++) {
    message[0] = (char)(intptr_t)arg;
    message[1] = (char)i;
    write_all(fd, message, 4);
  }
  for (int got = 0; got < kClients * kLines;) {
    CHECK_EQ(read_all(fd, message, 4), 4);
    if (message[1] == 0) continue;
    CHECK(message[0] >= 0 && message[0] < kClients && message[2] == 'o');
    CHECK_EQ(message[1], ++from[(int)message[0]]);
    got++;
  }
  shutdown(fd, SHUT_WR);
  CHECK_EQ(read_all(fd, message, 1), 0);
  close(fd);
  return NULL;
}

int main(void) {
  pthread_t t[kClients];
  listener = tcp_listen(&port, 64);
  pthread_barrier_init(&joined, NULL, kClients);
  pthread_t s = THREAD(serve, NULL);
  for (intptr_t i = 0; i < kClients; i++) t[i] = THREAD(client, (void*)i);
  for (int i = 0; i < kClients; i++) JOIN(t[i]);
  JOIN(s);
  return 0;
}
