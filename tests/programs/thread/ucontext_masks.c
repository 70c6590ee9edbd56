// covers: getcontext setcontext swapcontext
// A context carries the signal mask: each coroutine of a thread has its own, which goes and comes with it.
#include "../help.h"

#include <signal.h>
#include <ucontext.h>

struct Co {
  ucontext_t main, co;
  char stack[64 << 10];
  int passes;
};

static int blocks(int sig) {
  sigset_t now;
  CHECK_OK(pthread_sigmask(SIG_SETMASK, NULL, &now));
  return sigismember(&now, sig);
}

static void co_body(unsigned lo, unsigned hi) {
  struct Co* co = (struct Co*)((uintptr_t)lo | (uintptr_t)hi << 32);
  for (int i = 0; i < 10; i++) {
    CHECK(blocks(SIGUSR2) && !blocks(SIGUSR1));
    sleep_ms(i % 3 == 0);
    co->passes++;
    CHECK_OK(swapcontext(&co->co, &co->main));
  }
}

static void* body(void* arg) {
  struct Co* co = calloc(1, sizeof *co);
  sigset_t usr1, usr2;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigemptyset(&usr2);
  sigaddset(&usr2, SIGUSR2);
  CHECK_OK(getcontext(&co->co));
  co->co.uc_stack.ss_sp = co->stack;
  co->co.uc_stack.ss_size = sizeof co->stack;
  co->co.uc_link = &co->main;
  co->co.uc_sigmask = usr2;
  makecontext(&co->co, (void (*)(void))co_body, 2, (unsigned)(uintptr_t)co,
              (unsigned)((uintptr_t)co >> 32));
  CHECK_OK(pthread_sigmask(SIG_SETMASK, &usr1, NULL));
  for (int i = 0; i < 11; i++) {
    CHECK_OK(swapcontext(&co->main, &co->co));
    CHECK(blocks(SIGUSR1) && !blocks(SIGUSR2));
    sched_yield();
  }
  CHECK_EQ(co->passes, 10);
  // A context taken twice brings its mask back each time.
  volatile int times = 0;
  ucontext_t again;
  CHECK_OK(getcontext(&again));
  CHECK(blocks(SIGUSR1) && !blocks(SIGUSR2));
  if (times++ < 3) {
    CHECK_OK(pthread_sigmask(SIG_SETMASK, &usr2, NULL));
    setcontext(&again);
    CHECK(!"setcontext returned");
  }
  free(co);
  return arg;
}

int main(void) {
  ucontext_t early;
  volatile int times = 0;
  CHECK_OK(getcontext(&early));
  CHECK(!blocks(SIGUSR1) && !blocks(SIGTERM));
  pthread_t t[6];
  for (int i = 0; i < 6; i++) t[i] = THREAD(body, NULL);
  body(NULL);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  if (times++ < 2) setcontext(&early);
  return 0;
}
