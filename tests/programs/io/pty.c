// covers: posix_openpt grantpt unlockpt ptsname_r read write
// Lines go through a pseudo-terminal between two threads that block on its two ends.
#include "../help.h"

#include <fcntl.h>
#include <termios.h>

static int slave;

static void* upper(void* arg) {
  char line[100];
  for (int i = 0; i < 20; i++) {
    ssize_t n = read(slave, line, sizeof line);
    CHECK(n > 1 && line[n - 1] == '\n');
    for (ssize_t k = 0; k < n; k++)
      if (line[k] >= 'a' && line[k] <= 'z') line[k] = (char)(line[k] - 32);
    write_all(slave, line, (size_t)n);
  }
  return arg;
}

int main(void) {
  char name[100], line[100], want[100];
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) SKIP("no pseudo-terminals");
  CHECK_OK(grantpt(master));
  CHECK_OK(unlockpt(master));
  CHECK_OK(ptsname_r(master, name, sizeof name));
  slave = open(name, O_RDWR | O_NOCTTY);
  CHECK(slave >= 0);
  struct termios t;
  CHECK_OK(tcgetattr(slave, &t));
  t.c_lflag &= ~(tcflag_t)ECHO;
  t.c_oflag &= ~(tcflag_t)OPOST;
  CHECK_OK(tcsetattr(slave, TCSANOW, &t));
  pthread_t thread = THREAD(upper, NULL);
  for (int i = 0; i < 20; i++) {
    snprintf(line, sizeof line, "line %d\n", i);
    snprintf(want, sizeof want, "LINE %d\n", i);
    write_all(master, line, strlen(line));
    CHECK_EQ(read_all(master, line, strlen(want)), strlen(want));
    CHECK(memcmp(line, want, strlen(want)) == 0);
  }
  JOIN(thread);
  return 0;
}
