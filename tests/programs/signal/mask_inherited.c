// covers: pthread_sigmask sigpending pthread_create pthread_attr_setsigmask_np
// A new thread inherits its creator's mask and changes only its own; pending signals of a thread
// are its own.
#include "../help.h"

#include <signal.h>

static int blocked(int sig) {
  sigset_t now;
  CHECK_OK(pthread_sigmask(SIG_BLOCK, NULL, &now));
  return sigismember(&now, sig);
}

static void* child(void* arg) {
  CHECK_EQ(blocked(SIGUSR1), 1);
  CHECK_EQ(blocked(SIGUSR2), arg != NULL);
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  CHECK_OK(pthread_kill(pthread_self(), SIGUSR2));
  sleep_ms(2);
  CHECK_OK(sigpending(&pending));
  CHECK_EQ(sigismember(&pending, SIGUSR2), 1);
  CHECK_EQ(sigismember(&pending, SIGUSR1), 0);
  int sig = 0;
  CHECK_OK(sigwait(&set, &sig));
  CHECK_EQ(sig, SIGUSR2);
  if (!arg) JOIN(THREAD(child, &set));
  return NULL;
}

int main(void) {
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  for (int i = 0; i < 4; i++) JOIN(THREAD(child, NULL));
  CHECK_EQ(blocked(SIGUSR2), 0);
  CHECK_OK(sigpending(&pending));
  CHECK_EQ(sigismember(&pending, SIGUSR2), 0);
  CHECK_RET(pthread_sigmask(99, &set, NULL), EINVAL);
  return 0;
}
