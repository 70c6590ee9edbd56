#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"

namespace tool {

Child::Child(char** argv, const std::string& path) {
  int gate[2];
  if (pipe(gate) != 0) fail_errno("pipe");
  pid_ = fork();
  if (pid_ < 0) fail_errno("fork");
  if (pid_ == 0) {
    close(gate[1]);
    char go;
    while (read(gate[0], &go, 1) < 0 && errno == EINTR) {
    }
    close(gate[0]);
    execv(path.c_str(), argv);
    fprintf(stderr, "goshim: %s: %m\n", path.c_str());
    _exit(127);
  }
  close(gate[0]);
  gate_ = gate[1];
  traced_ = ptrace(PTRACE_SEIZE, pid_, nullptr, PTRACE_O_TRACEEXIT) == 0;
}

int Child::attend(const std::function<void()>& at_end, const std::function<void()>& tick, int ms) {
  // The terminal's signals go to both; the child decides.
  for (const int sig : {SIGINT, SIGQUIT}) signal(sig, SIG_IGN);
  close(gate_);
  int status = 0;
  for (;;) {
    const pid_t got = waitpid(pid_, &status, __WALL | (tick ? WNOHANG : 0));
    if (got == 0) {
      tick();
      usleep(static_cast<useconds_t>(ms) * 1000);
      continue;
    }
    if (got < 0) {
      if (errno == EINTR) continue;
      fail_errno("waitpid");
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) return status;
    const int event = status >> 16;
    const int sig = WSTOPSIG(status);
    if (event == PTRACE_EVENT_EXIT) at_end();
    if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
      ptrace(PTRACE_LISTEN, pid_, nullptr, nullptr);  // a stop of the whole process: it lasts
    } else {
      ptrace(PTRACE_CONT, pid_, nullptr, static_cast<long>(event != 0 ? 0 : sig));
    }
  }
}

int end_like(int status) {
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
  // One core, the child's, is enough.
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(WTERMSIG(status), SIG_DFL);
  fflush(nullptr);
  raise(WTERMSIG(status));
  return 128 + WTERMSIG(status);
}

}  // namespace tool
