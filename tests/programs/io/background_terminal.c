// covers: read tcsetattr tcsetpgrp ioctl
// A background process that reads from its terminal, or changes it, is stopped, and goes on in the foreground; with the
// signal ignored reading is EIO, with it blocked changing is let through.
#include "../help.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

static int tty;
static char name[100];

static void* idle(void* arg) {
  for (;;) pause();
  return arg;
}

static void* reads(void* arg) {
  char line[16];
  CHECK_EQ(read(tty, line, sizeof line), 3);
  CHECK(memcmp(line, "ab\n", 3) == 0);
  return arg;
}

static void* changes(void* arg) {
  struct termios t;
  CHECK_OK(tcgetattr(tty, &t));
  CHECK_OK(tcsetattr(tty, TCSANOW, &t));
  return arg;
}

static void* ignores(void* arg) {
  char c;
  signal(SIGTTIN, SIG_IGN);
  CHECK_ERRNO(read(tty, &c, 1), EIO);
  signal(SIGTTIN, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTTOU);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  return changes(arg);
}

// Runs `body` on a thread of a background process; `stops` is the signal that must stop it, 0 none.
static void run_job(int master, void* (*body)(void*), int stops) {
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    signal(SIGTTOU, SIG_DFL);
    for (int i = 0; i < 3; i++) THREAD(idle, NULL);
    JOIN(THREAD(body, NULL));
    _exit(0);
  }
  setpgid(pid, pid);
  if (stops) {
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), stops);
    CHECK_OK(tcsetpgrp(tty, pid));
    CHECK_OK(kill(-pid, SIGCONT));
    if (stops == SIGTTIN) write_all(master, "ab\n", 3);
  }
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  CHECK_OK(tcsetpgrp(tty, getpgrp()));
}

// A shell: leads the session and its terminal.
static void session(int master) {
  CHECK(setsid() > 0);
  tty = open(name, O_RDWR);
  CHECK(tty >= 0);
  ioctl(tty, TIOCSCTTY, 0);
  signal(SIGTTOU, SIG_IGN);
  CHECK_OK(tcsetpgrp(tty, getpgrp()));
  run_job(master, reads, SIGTTIN);
  run_job(master, changes, SIGTTOU);
  run_job(master, ignores, 0);
  _exit(0);
}

int main(void) {
  int status;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) SKIP("no pseudo-terminals");
  CHECK_OK(grantpt(master));
  CHECK_OK(unlockpt(master));
  CHECK_OK(ptsname_r(master, name, sizeof name));
  pid_t pid = fork();
  if (pid == 0) session(master);
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  return 0;
}
