// covers: sigwait sigwaitinfo sigtimedwait pthread_sigmask kill pthread_sigqueue
// A thread takes blocked signals by sigwait, sigwaitinfo with value and sigtimedwait, which times
// out never early.
#include "../help.h"

#include <signal.h>

static void* waits(void* arg) {
  sigset_t set;
  int sig = 0;
  siginfo_t info;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGRTMIN);
  for (int i = 0; i < 5; i++) {
    CHECK_OK(sigwait(&set, &sig));
    CHECK_EQ(sig, SIGUSR1);
    write_all(*(int*)arg, "k", 1);
  }
  CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
  CHECK_EQ(info.si_value.sival_int, 4711);
  CHECK_EQ(info.si_pid, getpid());
  struct timespec ts = {0, 15000000};
  long long start = now_ms();
  CHECK_ERRNO(sigtimedwait(&set, &info, &ts), EAGAIN);
  CHECK_ELAPSED(start, 15, 30000);
  return NULL;
}

int main(void) {
  sigset_t set;
  int p[2];
  CHECK_OK(pipe(p));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGRTMIN);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  pthread_t t = THREAD(waits, &p[1]);
  for (int i = 0; i < 5; i++) {
    char c;
    CHECK_OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(read(p[0], &c, 1), 1);
  }
  union sigval v = {.sival_int = 4711};
  CHECK_OK(pthread_sigqueue(t, SIGRTMIN, v));
  JOIN(t);
  return 0;
}
