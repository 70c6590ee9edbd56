// covers: sigwaitinfo sigtimedwait raise pthread_kill
// A signal that a thread sent with raise() or pthread_kill() comes out of sigwaitinfo() as one of kill() does, as libc has it; out of a
// handler with the code that tells them apart.
#include "../help.h"

#include <signal.h>

static volatile sig_atomic_t code = 99;

static void on_signal(int sig, siginfo_t* info, void* context) {
  (void)sig, (void)context;
  code = info->si_code;
}

static void* body(void* arg) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  siginfo_t info;
  const struct timespec second = {1, 0};

  CHECK_OK(raise(SIGUSR1));
  CHECK(sigwaitinfo(&set, &info) == SIGUSR1);
  CHECK(info.si_code == SI_USER && info.si_pid == getpid());
  CHECK_OK(pthread_kill(pthread_self(), SIGUSR1));
  CHECK(sigtimedwait(&set, &info, &second) == SIGUSR1);
  CHECK(info.si_code == SI_USER && info.si_pid == getpid());
  CHECK_OK(kill(getpid(), SIGUSR1));
  CHECK(sigwaitinfo(&set, &info) == SIGUSR1);
  CHECK(info.si_code == SI_USER);

  CHECK_OK(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
  CHECK_OK(raise(SIGUSR1));
  CHECK(code == SI_TKILL);
  return arg;
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_sigaction = on_signal;
  act.sa_flags = SA_SIGINFO;
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  JOIN(THREAD(body, NULL));
  return 0;
}
