// covers: syscall _Fork tgkill
// Forks and signals by syscall(): the child is whole, and a tid from gettid() is what tgkill takes.
#include "../help.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static __thread volatile int hits;
static int p[2];

static void handler(int sig) {
  (void)sig;
  hits++;
}

static void* blocked(void* arg) {
  char c;
  CHECK_EQ(read(p[0], &c, 1), 0);
  return arg;
}

static void* nothing(void* arg) { return arg; }

static void* body(void* arg) {
  CHECK_OK(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1));
  CHECK_EQ(hits, 1);
  CHECK_OK(syscall(SYS_tkill, gettid(), SIGUSR1));
  CHECK_EQ(hits, 2);
  CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 2000000000, SIGUSR1), ESRCH);
  for (int how = 0; how < 3; how++) {
    long child = how == 0   ? syscall(SYS_fork)
                 : how == 1 ? syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
                            : _Fork();
    CHECK(child >= 0);
    if (child == 0) {
      sleep_ms(1);
      CHECK_OK(raise(SIGUSR1));
      CHECK_EQ(hits, 3);
      for (int i = 0; i < 3; i++) JOIN(THREAD(nothing, NULL));
      _exit(6);
    }
    int status;
    CHECK_EQ(waitpid((pid_t)child, &status, 0), child);
    CHECK_EQ(status, 6 << 8);
  }
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(pipe(p));
  pthread_t b = THREAD(blocked, NULL);
  for (int i = 0; i < 2; i++) JOIN(THREAD(body, NULL));
  body(NULL);
  close(p[1]);
  JOIN(b);
  return 0;
}
