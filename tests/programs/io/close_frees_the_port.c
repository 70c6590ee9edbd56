// covers: close poll accept connect bind listen
// Once close() of a listener has returned, its port refuses connections and can be bound again, though threads have
// waited for it before; likewise a datagram socket's, and that of a socket whose connection was refused.
#include "../help.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { kRounds = 60 };

static int stop;

// Keeps kernel threads coming and going.
static void* sleeper(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) sleep_ms(1);
  return arg;
}

// An address of our own: no other process takes a port of it.
static struct sockaddr_in local(in_port_t port) {
  struct sockaddr_in a;
  memset(&a, 0, sizeof a);
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(0x7f000000u + 2 + (uint32_t)getpid() % 0xfffff0);
  a.sin_port = port;
  return a;
}

static int bound(int type, struct sockaddr_in* a) {
  const int fd = socket(AF_INET, type, 0);
  socklen_t n = sizeof *a;
  CHECK(fd >= 0);
  CHECK_OK(bind(fd, (struct sockaddr*)a, sizeof *a));
  CHECK_OK(getsockname(fd, (struct sockaddr*)a, &n));
  return fd;
}

static void wait_a_little(int fd) {
  struct pollfd p = {fd, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 1), 0);
}

static void connect_is_refused(int fd, struct sockaddr_in a) {
  CHECK(connect(fd, (struct sockaddr*)&a, sizeof a) == -1 && errno == ECONNREFUSED);
}

static int bind_again(int type, struct sockaddr_in a) {
  const int fd = socket(AF_INET, type, 0);
  CHECK(fd >= 0);
  CHECK_OK(bind(fd, (struct sockaddr*)&a, sizeof a));
  return fd;
}

int main(void) {
  pthread_t t = THREAD(sleeper, NULL);
  for (int i = 0; i < kRounds; i++) {
    struct sockaddr_in a = local(0);
    int fd = bound(SOCK_STREAM, &a);
    CHECK_OK(listen(fd, 5));
    wait_a_little(fd);
    // Before the close: it must not get the port that becomes free.
    const int client = bind_again(SOCK_STREAM, local(0));
    CHECK_OK(close(fd));
    connect_is_refused(client, a);
    CHECK_OK(close(client));

    a = local(0);
    fd = bound(SOCK_DGRAM, &a);
    wait_a_little(fd);
    CHECK_OK(close(fd));
    CHECK_OK(close(bind_again(SOCK_DGRAM, a)));

    struct sockaddr_in nobody = local(0);
    fd = bound(SOCK_STREAM, &nobody);
    a = local(0);
    int refused = bound(SOCK_STREAM, &a);
    connect_is_refused(refused, nobody);
    struct pollfd p = {refused, POLLOUT, 0};
    CHECK(poll(&p, 1, 1) == 1);
    CHECK_OK(close(refused));
    CHECK_OK(close(bind_again(SOCK_STREAM, a)));
    CHECK_OK(close(fd));
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  JOIN(t);
  return 0;
}
