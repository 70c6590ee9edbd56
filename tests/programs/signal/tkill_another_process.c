// covers: syscall
// tkill(2) names a thread of any process, not only of the caller's: gdb stops the threads of its inferior so.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static int heard[2], own;

static void on_signal(int sig) {
  (void)sig;
  own = 1;
}

static void* nothing(void* arg) { return arg; }

static void child(void) {
  pid_t tid = (pid_t)syscall(SYS_gettid);
  CHECK(write(heard[1], &tid, sizeof tid) == sizeof tid);
  for (;;) pause();
}

int main(void) {
  CHECK(pipe(heard) == 0);
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) child();
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);

  pid_t tid;
  CHECK(read(heard[0], &tid, sizeof tid) == sizeof tid);
  CHECK(syscall(SYS_tkill, tid, 0) == 0);
  CHECK(syscall(SYS_tkill, tid, SIGSTOP) == 0);
  int status;
  CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
  CHECK(syscall(SYS_tkill, tid, SIGKILL) == 0);
  CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  CHECK(syscall(SYS_tkill, tid, 0) == -1 && errno == ESRCH);

  // Our own, as ever.
  signal(SIGUSR1, on_signal);
  CHECK(syscall(SYS_tkill, (pid_t)syscall(SYS_gettid), SIGUSR1) == 0);
  CHECK(own);
  return 0;
}
