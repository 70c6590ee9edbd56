// covers: write close
// clone(CLONE_VM | CLONE_VFORK), as launchers do: the child shares memory and thread with its parent
// and takes its time, then writes, closes and execs, while other threads go on.
#include "../help.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int fd[2];
static int stop;

static int child(void* arg) {
  struct timespec ts = {0, 30000000};
  syscall(SYS_nanosleep, &ts, NULL);
  for (int i = 0; i < 50; i++) {
    int copy = open("/dev/null", O_RDWR);
    if (copy < 0 || write(copy, "x", 1) != 1 || close(copy) != 0) _exit(1);
  }
  if (write(fd[1], "child\n", 6) != 6) _exit(2);
  execl("/bin/sh", "sh", "-c", "exit 7", (char*)NULL);
  _exit(3);
  return arg != NULL;
}

static void* works(void* arg) {
  long long* turns = (long long*)arg;
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
    ++*turns;
    long long until = now_ns() + 300000;
    while (now_ns() < until) continue;
    sched_yield();
  }
  return NULL;
}

static void* launches(void* arg) {
  enum { kStack = 65536 };
  char* stack = (char*)malloc(kStack);
  for (int i = 0; i < 3; i++) {
    pid_t pid = clone(child, stack + kStack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    CHECK(pid > 0);
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 7);
    char line[10] = "";
    CHECK_EQ(read(fd[0], line, sizeof line), 6);
    CHECK_STR(line, "child\n");
  }
  free(stack);
  return arg;
}

int main(void) {
  CHECK_OK(pipe(fd));
  pthread_t t[4];
  long long turns[4] = {0};
  for (int i = 0; i < 4; i++) t[i] = THREAD(works, &turns[i]);
  JOIN(THREAD(launches, NULL));
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < 4; i++) {
    JOIN(t[i]);
    CHECK(turns[i] > 1);
  }
  return 0;
}
