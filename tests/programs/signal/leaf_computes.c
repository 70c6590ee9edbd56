// covers: pthread_kill pthread_cancel
// A thread whose function calls nothing, and needs no stack, computes: a handler runs on it, also while another handler of
// that kind does, and an asynchronous cancellation ends it.
#include "../help.h"

#include <signal.h>

static volatile sig_atomic_t first, second, running;

static void on_first(int sig) {
  first = sig;
  while (!second) continue;
}
static void on_second(int sig) { second = sig; }

__attribute__((optimize("O2", "omit-frame-pointer"))) static void* computes(void* arg) {
  running = 1;
  while (!first) continue;
  return arg;
}

__attribute__((optimize("O2", "omit-frame-pointer"))) static void* for_ever(void* arg) {
  running = 2;
  while (arg == NULL) __asm__ volatile("");
  return arg;
}

static void* cancellable(void* arg) {
  CHECK_OK(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL));
  return for_ever(arg);
}

int main(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_first;
  sigaction(SIGUSR1, &act, NULL);
  act.sa_handler = on_second;
  sigaction(SIGUSR2, &act, NULL);

  pthread_t t = THREAD(computes, &act);
  while (running != 1) sleep_ms(1);
  CHECK_OK(pthread_kill(t, SIGUSR1));
  while (!first) sleep_ms(1);
  CHECK_OK(pthread_kill(t, SIGUSR2));
  CHECK(JOIN(t) == &act);
  CHECK_EQ(second, SIGUSR2);

  t = THREAD(cancellable, NULL);
  while (running != 2) sleep_ms(1);
  CHECK_OK(pthread_cancel(t));
  CHECK(JOIN(t) == PTHREAD_CANCELED);
  return 0;
}
