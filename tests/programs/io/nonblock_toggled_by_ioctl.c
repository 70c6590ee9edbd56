// covers: ioctl fcntl read
// FIONBIO and F_SETFL turn the same flag on and off again; off, the next read blocks until data
// comes.
#include "../help.h"

#include <fcntl.h>
#include <sys/ioctl.h>

static int sv[2];

static void* sends(void* arg) {
  sleep_ms(10);
  write_all(sv[1], "y", 1);
  return arg;
}

int main(void) {
  char c;
  int on = 1, off = 0;
  CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  for (int i = 0; i < 4; i++) {
    if (i % 2)
      CHECK_OK(ioctl(sv[0], FIONBIO, &on));
    else
      CHECK_OK(fcntl(sv[0], F_SETFL, O_NONBLOCK));
    CHECK(fcntl(sv[0], F_GETFL) & O_NONBLOCK);
    CHECK_ERRNO(read(sv[0], &c, 1), EAGAIN);
    if (i < 2)
      CHECK_OK(ioctl(sv[0], FIONBIO, &off));
    else
      CHECK_OK(fcntl(sv[0], F_SETFL, 0));
    CHECK_EQ(fcntl(sv[0], F_GETFL) & O_NONBLOCK, 0);
    pthread_t t = THREAD(sends, NULL);
    CHECK_EQ(read(sv[0], &c, 1), 1);
    JOIN(t);
  }
  return 0;
}
