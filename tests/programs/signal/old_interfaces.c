// covers: sigprocmask sigblock sigsetmask siggetmask sighold sigrelse sigset sigpause __xpg_sigpause gsignal
// cflags: -Wno-deprecated-declarations
// The BSD and System V calls act on the calling thread's own mask.
#include "../help.h"

#include <signal.h>

static __thread volatile int hits;
static int other_done;

static void handler(int sig) {
  (void)sig;
  hits++;
}

static int blocked(int sig) {
  sigset_t now;
  CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &now));
  return sigismember(&now, sig);
}

static void* sends(void* arg) {
  sleep_ms(3);
  CHECK_OK(pthread_kill(*(pthread_t*)arg, SIGUSR1));
  __atomic_store_n(&other_done, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void* body(void* arg) {
  pthread_t self = pthread_self(), t;
  CHECK_EQ(sigblock((1 << (SIGUSR1 - 1))), 0);
  CHECK_EQ(siggetmask(), (1 << (SIGUSR1 - 1)));
  CHECK_OK(gsignal(SIGUSR1));
  CHECK_EQ(hits, 0);
  CHECK_EQ(sigsetmask(0), (1 << (SIGUSR1 - 1)));
  CHECK_EQ(hits, 1);
  CHECK_OK(sighold(SIGUSR1));
  CHECK_EQ(blocked(SIGUSR1), 1);
  CHECK_OK(raise(SIGUSR1));
  CHECK_EQ(hits, 1);
  CHECK_OK(sigrelse(SIGUSR1));
  CHECK_EQ(hits, 2);
  CHECK(sigset(SIGUSR1, SIG_HOLD) == handler);
  CHECK_EQ(blocked(SIGUSR1), 1);
  CHECK(sigset(SIGUSR1, handler) == SIG_HOLD);
  CHECK_EQ(blocked(SIGUSR1), 0);
  CHECK_OK(sighold(SIGUSR1));
  t = THREAD(sends, &self);
  CHECK_ERRNO(sigpause(SIGUSR1), EINTR);
  JOIN(t);
  CHECK_EQ(hits, 3);
  CHECK_EQ(blocked(SIGUSR1), 1);
  CHECK_ERRNO(sighold(0), EINVAL);
  CHECK_ERRNO(sigprocmask(99, &(sigset_t){{0}}, NULL), EINVAL);
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  for (int i = 0; i < 3; i++) JOIN(THREAD(body, NULL));
  body(NULL);
  return 0;
}
