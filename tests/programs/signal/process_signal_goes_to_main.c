// covers: kill sigaction pthread_self
// A signal sent to the process is handled by main when main does not block it, else by a thread
// that does not.
#include "../help.h"

#include <signal.h>

static pthread_t main_thread, taker;
static int main_hits, taker_hits, other_hits, stop;

static void handler(int sig) {
  (void)sig;
  int* which = pthread_equal(pthread_self(), main_thread) ? &main_hits
               : pthread_equal(pthread_self(), taker)     ? &taker_hits
                                                          : &other_hits;
  __atomic_add_fetch(which, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  if (arg) CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) sleep_ms(1);
  return NULL;
}

int main(void) {
  struct sigaction sa;
  sigset_t set;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  main_thread = pthread_self();
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(body, &set);
  CHECK_OK(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
  for (int i = 1; i <= 5; i++) {
    CHECK_OK(kill(getpid(), SIGUSR1));
    while (__atomic_load_n(&main_hits, __ATOMIC_SEQ_CST) < i) sleep_ms(1);
  }
  taker = THREAD(body, NULL);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  for (int i = 1; i <= 5; i++) {
    CHECK_OK(kill(getpid(), SIGUSR1));
    while (__atomic_load_n(&taker_hits, __ATOMIC_SEQ_CST) < i) sleep_ms(1);
  }
  CHECK_EQ(main_hits, 5);
  CHECK_EQ(other_hits, 0);
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  JOIN(taker);
  return 0;
}
