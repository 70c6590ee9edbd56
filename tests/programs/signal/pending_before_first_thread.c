// covers: sigpending raise pthread_create sigtimedwait
// A signal that main raised and blocks before there are threads is pending for main alone; one to the process for everybody.
#include "../help.h"

#include <signal.h>

static sigset_t blocked;

static void* body(void* arg) {
  sigset_t now;
  CHECK_OK(sigpending(&now));
  CHECK(!sigismember(&now, SIGUSR1) && !sigismember(&now, SIGRTMIN + 1));
  CHECK(sigismember(&now, SIGUSR2));
  const struct timespec none = {0, 0};
  sigdelset(&blocked, SIGUSR2);
  errno = 0;
  CHECK(sigtimedwait(&blocked, NULL, &none) == -1 && errno == EAGAIN);
  return arg;
}

int main(void) {
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigaddset(&blocked, SIGUSR2);
  sigaddset(&blocked, SIGRTMIN + 1);
  CHECK_OK(sigprocmask(SIG_BLOCK, &blocked, NULL));
  CHECK_OK(raise(SIGUSR1));
  CHECK_OK(kill(getpid(), SIGUSR2));
  for (int i = 0; i < 2; i++) CHECK_OK(raise(SIGRTMIN + 1));
  JOIN(THREAD(body, NULL));

  sigset_t now;
  CHECK_OK(sigpending(&now));
  CHECK(sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2) &&
        sigismember(&now, SIGRTMIN + 1));
  const struct timespec none = {0, 0};
  sigaddset(&blocked, SIGUSR2);
  for (int i = 0; i < 4; i++) CHECK(sigtimedwait(&blocked, NULL, &none) > 0);
  errno = 0;
  CHECK(sigtimedwait(&blocked, NULL, &none) == -1 && errno == EAGAIN);
  return 0;
}
