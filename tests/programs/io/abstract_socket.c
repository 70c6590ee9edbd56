// covers: bind listen accept connect
// Threads meet at an abstract unix address, which cannot be bound twice.
#include "../help.h"

#include <stddef.h>
#include <sys/un.h>

static struct sockaddr_un addr;
static socklen_t len;

static void* client(void* arg) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  int value = (int)(intptr_t)arg, got = -1;
  CHECK_OK(connect(fd, (struct sockaddr*)&addr, len));
  write_all(fd, &value, sizeof value);
  CHECK_EQ(read_all(fd, &got, sizeof got), sizeof got);
  CHECK_EQ(got, value + 1000);
  close(fd);
  return NULL;
}

int main(void) {
  int listener = socket(AF_UNIX, SOCK_STREAM, 0), second = socket(AF_UNIX, SOCK_STREAM, 0);
  addr.sun_family = AF_UNIX;
  snprintf(addr.sun_path + 1, sizeof addr.sun_path - 1, "test-abstract-%d", (int)getpid());
  len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(addr.sun_path + 1));
  CHECK_OK(bind(listener, (struct sockaddr*)&addr, len));
  CHECK_ERRNO(bind(second, (struct sockaddr*)&addr, len), EADDRINUSE);
  CHECK_OK(listen(listener, 20));
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(client, (void*)i);
  for (int i = 0; i < 20; i++) {
    int value = -1, fd = accept(listener, NULL, NULL);
    CHECK(fd >= 0);
    CHECK_EQ(read_all(fd, &value, sizeof value), sizeof value);
    value += 1000;
    write_all(fd, &value, sizeof value);
    close(fd);
  }
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  return 0;
}
