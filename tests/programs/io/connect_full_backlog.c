// covers: connect accept
// Connects to a unix listener whose backlog is full wait until accept makes room.
#include "../help.h"

#include <stddef.h>
#include <sys/un.h>

static struct sockaddr_un addr;
static socklen_t len;

static void* connects(void* arg) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK_OK(connect(fd, (struct sockaddr*)&addr, len));
  char c = 0;
  CHECK_EQ(read(fd, &c, 1), 1);
  CHECK_EQ(c, 'w');
  close(fd);
  return arg;
}

int main(void) {
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  addr.sun_family = AF_UNIX;
  snprintf(addr.sun_path + 1, sizeof addr.sun_path - 1, "test-backlog-%d", (int)getpid());
  len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(addr.sun_path + 1));
  CHECK_OK(bind(listener, (struct sockaddr*)&addr, len));
  CHECK_OK(listen(listener, 1));
  pthread_t t[12];
  for (int i = 0; i < 12; i++) t[i] = THREAD(connects, NULL);
  sleep_ms(10);
  for (int i = 0; i < 12; i++) {
    int fd = accept(listener, NULL, NULL);
    CHECK(fd >= 0);
    write_all(fd, "w", 1);
    close(fd);
  }
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  return 0;
}
