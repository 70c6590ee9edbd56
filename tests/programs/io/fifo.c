// covers: mkfifo open read write unlink
// Opening a FIFO waits for its other side, in threads, and then data and the end pass.
#include "../help.h"

#include <fcntl.h>
#include <sys/stat.h>

static char dir[] = "test-fifo-XXXXXX";
static char name[64];

static void* reads(void* arg) {
  int fd = open(name, O_RDONLY);
  CHECK(fd >= 0);
  int value = -1;
  CHECK_EQ(read_all(fd, &value, sizeof value), sizeof value);
  CHECK_EQ(value, (intptr_t)arg);
  CHECK_EQ(read(fd, &value, 1), 0);
  close(fd);
  return NULL;
}

int main(void) {
  CHECK(mkdtemp(dir));
  snprintf(name, sizeof name, "%s/f", dir);
  CHECK_OK(mkfifo(name, 0600));
  for (int i = 0; i < 10; i++) {
    pthread_t t = THREAD(reads, (void*)(intptr_t)i);
    if (i % 2) sleep_ms(2);
    int fd = open(name, O_WRONLY);
    CHECK(fd >= 0);
    if (i % 3) sleep_ms(2);
    write_all(fd, &i, sizeof i);
    close(fd);
    JOIN(t);
  }
  CHECK_OK(unlink(name));
  CHECK_OK(rmdir(dir));
  return 0;
}
