// covers: open openat
// 32 threads open a FIFO each for reading and wait for its writer; another thread comes and opens them all.
#include "../help.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { kFifos = 32 };

static void* reader(void* arg) {
  char name[32], c = 0;
  snprintf(name, sizeof name, "fifo-%ld", (long)arg);
  int fd = (long)arg % 2 ? open(name, O_RDONLY) : openat(AT_FDCWD, name, O_RDONLY);
  CHECK(fd >= 0);
  CHECK_EQ(read(fd, &c, 1), 1);
  CHECK_EQ(c, 'a' + (char)(long)arg % 26);
  CHECK_EQ(read(fd, &c, 1), 0);
  close(fd);
  return arg;
}

static void* writer(void* arg) {
  for (long i = kFifos - 1; i >= 0; i--) {
    char name[32], c = (char)('a' + i % 26);
    snprintf(name, sizeof name, "fifo-%ld", i);
    int fd = open(name, O_WRONLY);
    CHECK(fd >= 0);
    write_all(fd, &c, 1);
    close(fd);
  }
  return arg;
}

int main(void) {
  pthread_t t[kFifos];
  for (long i = 0; i < kFifos; i++) {
    char name[32];
    snprintf(name, sizeof name, "fifo-%ld", i);
    CHECK_OK(mkfifo(name, 0600));
    t[i] = THREAD(reader, (void*)i);
  }
  for (int i = 0; i < 10; i++) sleep_ms(1);
  pthread_t w = THREAD(writer, NULL);
  JOIN(w);
  for (int i = 0; i < kFifos; i++) JOIN(t[i]);
  CHECK_ERRNO(open("fifo-0", O_WRONLY | O_NONBLOCK), ENXIO);
  return 0;
}
