// covers: vfork execv waitpid
// vfork in a thread runs the child first, shares nothing lasting, and the exec'ed program's status
// arrives.
#include "../help.h"

#include <sys/wait.h>

static void* body(void* arg) {
  for (int i = 0; i < 3; i++) {
    pid_t child = vfork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", "exit 5", (char*)NULL);
      _exit(96);
    }
    CHECK(child > 0);
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 5 << 8);
  }
  return arg;
}

int main(void) {
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  return 0;
}
