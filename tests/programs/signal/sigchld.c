// covers: sigaction fork waitpid
// SIGCHLD handlers reap children that end while the threads of the parent are blocked.
#include "../help.h"

#include <signal.h>
#include <sys/wait.h>

static int reaped, sum, p[2];

static void handler(int sig) {
  int saved = errno, status;
  (void)sig;
  while (waitpid(-1, &status, WNOHANG) > 0) {
    __atomic_add_fetch(&sum, WEXITSTATUS(status), __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&reaped, 1, __ATOMIC_SEQ_CST);
  }
  errno = saved;
}

static void* blocked(void* arg) {
  char c;
  CHECK_EQ(read(p[0], &c, 1), 0);
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  CHECK_OK(sigaction(SIGCHLD, &sa, NULL));
  CHECK_OK(pipe(p));
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(blocked, NULL);
  for (int i = 1; i <= 6; i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(i);
  }
  while (__atomic_load_n(&reaped, __ATOMIC_SEQ_CST) < 6) sleep_ms(1);
  CHECK_EQ(sum, 21);
  close(p[1]);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  return 0;
}
