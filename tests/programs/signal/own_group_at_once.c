// covers: kill killpg pidfd_send_signal syscall
// A signal that a thread sends to its own process by way of its group or of a pidfd has been handled when the call
// returns, as one sent by kill(getpid()) has.
#include "../help.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>

enum { kRounds = 50 };
static volatile sig_atomic_t hits;

static void handler(int sig) {
  (void)sig;
  hits++;
}

static void* nothing(void* arg) { return arg; }

int main(void) {
  if (getpgrp() != getpid()) CHECK_OK(setpgid(0, 0));
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  CHECK_OK(sigaction(SIGRTMIN + 1, &sa, NULL));
  JOIN(THREAD(nothing, NULL));
  const int fd = pidfd_open(getpid(), 0);
  int want = 0;
  for (int i = 0; i < kRounds; i++) {
    const int sig = i % 2 ? SIGUSR1 : SIGRTMIN + 1;
    CHECK_OK(kill(0, sig));
    CHECK_EQ(hits, ++want);
    CHECK_OK(kill(-getpgrp(), sig));
    CHECK_EQ(hits, ++want);
    CHECK_OK(killpg(getpgrp(), sig));
    CHECK_EQ(hits, ++want);
    if (fd < 0) continue;
    CHECK_OK(pidfd_send_signal(fd, sig, NULL, 0));
    CHECK_EQ(hits, ++want);
    CHECK_OK((int)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0));
    CHECK_EQ(hits, ++want);
  }
  return 0;
}
