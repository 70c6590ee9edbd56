// covers: sigaction write fork
// SIGPIPE goes to the thread that wrote; with the default action it ends the process with that
// signal.
#include "../help.h"

#include <signal.h>
#include <sys/wait.h>

static __thread volatile int hits;

static void handler(int sig) {
  CHECK_EQ(sig, SIGPIPE);
  hits++;
}

static void* writes(void* arg) {
  int p[2];
  CHECK_OK(pipe(p));
  close(p[0]);
  CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
  CHECK_EQ(hits, arg ? 1 : 0);
  close(p[1]);
  return NULL;
}

int main(void) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    JOIN(THREAD(writes, NULL));
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGPIPE);
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGPIPE, &sa, NULL));
  pthread_t t[6];
  for (int i = 0; i < 6; i++) t[i] = THREAD(writes, &sa);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  CHECK_EQ(hits, 0);
  return 0;
}
