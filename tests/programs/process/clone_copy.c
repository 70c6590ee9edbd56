// covers: clone
// clone() without CLONE_VM is a fork on a stack of one's own: the child is one thread, may wait, and may create others.
#include "../help.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static int fds[2];
static char stack[256 << 10] __attribute__((aligned(64)));
static int shared = 1;

static void* body(void* arg) {
  char c;
  CHECK_EQ(read(fds[0], &c, 1), 1);
  return arg;
}

static int child(void* arg) {
  CHECK_EQ((intptr_t)arg, 5);
  shared = 2;
  sleep_ms(1);
  pthread_t t = THREAD(body, (void*)7);
  sleep_ms(2);
  CHECK_EQ(write(fds[1], "x", 1), 1);
  CHECK_EQ((intptr_t)JOIN(t), 7);
  return 9;
}

static void* idle(void* arg) {
  char c;
  CHECK_EQ(read(fds[0], &c, 1), 1);
  return arg;
}

static void* clones(void* arg) {
  int status = 0;
  pid_t pid = clone(child, stack + sizeof stack, SIGCHLD, (void*)5);
  CHECK(pid > 0);
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 9);
  CHECK_EQ(shared, 1);
  return arg;
}

int main(void) {
  CHECK_OK(pipe(fds));
  clones(NULL);
  int block[2];
  CHECK_OK(pipe(block));
  JOIN(THREAD(clones, NULL));
  clones(NULL);
  pthread_t t = THREAD(idle, NULL);
  sleep_ms(1);
  write_all(fds[1], "x", 1);
  JOIN(t);
  CHECK_ERRNO(clone(NULL, NULL, SIGCHLD, NULL), EINVAL);
  return 0;
}
