// covers: execv fork
// exec in a thread replaces the whole process although main and others are blocked.
#include "../help.h"

#include <sys/wait.h>

static void* execs(void* arg) {
  sleep_ms(2);
  execl("/bin/sh", "sh", "-c", "exit 33", (char*)NULL);
  _exit(98);
  return arg;
}

static void* sleeps(void* arg) {
  sleep(1000);
  return arg;
}

int main(void) {
  for (int i = 0; i < 5; i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      for (int k = 0; k < 4; k++) THREAD(sleeps, NULL);
      JOIN(THREAD(execs, NULL));
      _exit(97);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 33 << 8);
  }
  return 0;
}
