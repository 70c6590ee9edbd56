// covers: accept setrlimit
// accept at the descriptor limit gives EMFILE and takes the same connection once there is room
// again.
#include "../help.h"

#include <sys/resource.h>

static int port, client, room;

static void* connects(void* arg) {
  sleep_ms(5);
  struct sockaddr_in addr = loopback(port);
  CHECK_OK(connect(client, (struct sockaddr*)&addr, sizeof addr));
  char c;
  CHECK_EQ(read(client, &c, 1), 1);
  return arg;
}

int main(void) {
  int listener = tcp_listen(&port, 8);
  client = socket(AF_INET, SOCK_STREAM, 0);
  pthread_t t = THREAD(connects, NULL);
  room = dup(0);
  if (room < 0) room = dup(client);
  /* Let the thread machinery open what it needs before the table is full. */
  sleep_ms(2);
  struct rlimit old, low;
  CHECK_OK(getrlimit(RLIMIT_NOFILE, &old));
  low = old;
  low.rlim_cur = 64;
  CHECK_OK(setrlimit(RLIMIT_NOFILE, &low));
  int last = room, fd;
  while ((fd = dup(listener)) >= 0) last = fd;
  CHECK_EQ(errno, EMFILE);
  for (int i = 0; i < 3; i++) CHECK_ERRNO(accept(listener, NULL, NULL), EMFILE);
  CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EMFILE);
  int p[2];
  CHECK_ERRNO(pipe(p), EMFILE);
  close(last);
  int got = accept(listener, NULL, NULL);
  CHECK_EQ(got, last);
  write_all(got, "x", 1);
  JOIN(t);
  return 0;
}
