// covers: open openat creat
// also: GOSHIM_PATCH=0
// 32 threads each open a FIFO, some by fopen, and wait for the other side.
#include "blocked.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char* name_of(char* buf, size_t n, int i) {
  snprintf(buf, n, "fifo-%d", i);
  return buf;
}

static void open_it(int i) {
  char name[20], c = 0;
  name_of(name, sizeof name, i);
  if (i % 4 == 3) {
    FILE* f = fopen(name, "r");
    CHECK(f);
    CHECK_EQ(fgetc(f), 'a');
    CHECK_OK(fclose(f));
    return;
  }
  int fd = i % 4 == 0   ? open(name, O_RDONLY)
           : i % 4 == 1 ? openat(AT_FDCWD, name, O_RDONLY)
                        : creat(name, 0600);
  CHECK(fd >= 0);
  if (i % 4 == 2) {
    write_all(fd, "b", 1);
  } else {
    CHECK_EQ(read(fd, &c, 1), 1);
    CHECK_EQ(c, 'a');
  }
  close(fd);
}

static void come_to(int i) {
  char name[20], c = 'a';
  int fd = open(name_of(name, sizeof name, i), i % 4 == 2 ? O_RDONLY : O_WRONLY);
  CHECK(fd >= 0);
  if (i % 4 == 2) {
    CHECK_EQ(read(fd, &c, 1), 1);
    CHECK_EQ(c, 'b');
  } else {
    write_all(fd, &c, 1);
  }
  close(fd);
}

int main(void) {
  for (int i = 0; i < kBlocked; i++) {
    char name[20];
    CHECK_OK(mkfifo(name_of(name, sizeof name, i), 0600));
  }
  run_blocked(open_it, come_to);
  return 0;
}
