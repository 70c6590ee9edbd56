// covers: signalfd read pthread_sigmask
// A thread reads blocked signals from a signalfd, in which they say who sent them.
#include "../help.h"

#include <signal.h>
#include <sys/signalfd.h>

static int fd;

static void* reads(void* arg) {
  for (int i = 0; i < 6; i++) {
    struct signalfd_siginfo info;
    CHECK_EQ(read(fd, &info, sizeof info), sizeof info);
    CHECK_EQ(info.ssi_signo, i % 2 ? SIGUSR1 : SIGUSR2);
    CHECK_EQ(info.ssi_pid, getpid());
    write_all(*(int*)arg, "k", 1);
  }
  return NULL;
}

int main(void) {
  sigset_t set;
  int p[2];
  CHECK_OK(pipe(p));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  fd = signalfd(-1, &set, SFD_CLOEXEC);
  CHECK(fd >= 0);
  pthread_t t = THREAD(reads, &p[1]);
  for (int i = 0; i < 6; i++) {
    char c;
    if (i % 3 == 0) sleep_ms(2);
    CHECK_OK(kill(getpid(), i % 2 ? SIGUSR1 : SIGUSR2));
    CHECK_EQ(read(p[0], &c, 1), 1);
  }
  JOIN(t);
  return 0;
}
