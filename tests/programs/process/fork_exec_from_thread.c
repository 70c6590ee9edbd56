// covers: fork execv waitpid _exit
// Threads fork and exec a program while others block; each gets its own child's status.
#include "../help.h"

#include <sys/wait.h>

static int p[2];

static void* blocked(void* arg) {
  char c;
  CHECK_EQ(read(p[0], &c, 1), 0);
  return arg;
}

static void* body(void* arg) {
  char command[32];
  snprintf(command, sizeof command, "exit %d", (int)(intptr_t)arg + 10);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command, (char*)NULL);
    _exit(99);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), (intptr_t)arg + 10);
  return NULL;
}

int main(void) {
  pthread_t b[5], t[8];
  CHECK_OK(pipe2(p, 02000000 /* O_CLOEXEC */));
  for (int i = 0; i < 5; i++) b[i] = THREAD(blocked, NULL);
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  close(p[1]);
  for (int i = 0; i < 5; i++) JOIN(b[i]);
  return 0;
}
