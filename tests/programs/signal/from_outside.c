// covers: kill sigaction waitpid pause
// Another process sends signals to one whose threads are all blocked: it is stopped, continued, told and ended by them.
#include "../help.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int p[2], ready[2];
static const int ends[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGALRM, SIGKILL, SIGABRT, SIGSEGV};

static void* blocked(void* arg) {
  char c;
  while (read(p[0], &c, 1) < 0) {
  }
  return arg;
}

static void told(int sig) {
  (void)sig;
  write_all(ready[1], "t", 1);
}

static pid_t start(void) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    setpgid(0,
            0); /* with its parent outside the group is not orphaned, or SIGTSTP would do nothing */
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++)
      if (ends[i] != SIGKILL)
        signal(ends[i], SIG_DFL); /* a shell's background jobs inherit SIGINT ignored */
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = told;
    sigaction(SIGUSR1, &sa, NULL);
    sa.sa_flags = SA_RESTART;
    sigaction(SIGCONT, &sa, NULL);
    signal(SIGUSR2, SIG_IGN);
    CHECK_OK(pipe(p));
    for (int i = 0; i < 3; i++) THREAD(blocked, NULL);
    sleep_ms(2);
    write_all(ready[1], "r", 1);
    for (;;) CHECK_ERRNO(pause(), EINTR);
  }
  return child;
}

static void expect(char want) {
  char c;
  CHECK_EQ(read(ready[0], &c, 1), 1);
  CHECK_EQ(c, want);
}

int main(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  CHECK_OK(pipe(ready));
  for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    int status;
    pid_t child = start();
    expect('r');
    CHECK_OK(kill(child, SIGUSR2));
    CHECK_OK(kill(child, SIGWINCH));
    CHECK_OK(kill(child, SIGUSR1));
    expect('t');
    if (i < 2) {
      CHECK_OK(kill(child, i ? SIGTSTP : SIGSTOP));
      CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
      CHECK(WIFSTOPPED(status));
      CHECK_EQ(WSTOPSIG(status), i ? SIGTSTP : SIGSTOP);
      CHECK_OK(kill(child, SIGCONT));
      CHECK_EQ(waitpid(child, &status, WCONTINUED), child);
      CHECK(WIFCONTINUED(status));
      expect('t');
    }
    CHECK_OK(kill(child, ends[i]));
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), ends[i]);
  }
  return 0;
}
