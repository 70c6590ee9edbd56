// covers: siglongjmp setcontext swapcontext
// A jump that opens the mask lets in what was pending before it arrives: the handlers have run by then, and may jump
// themselves.
#include "../help.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

static __thread sigjmp_buf env;
static __thread volatile int usr1, usr2, hup;

static void on_usr1(int sig) {
  (void)sig;
  usr1++;
  CHECK_OK(raise(SIGUSR2));
  CHECK_OK(raise(SIGHUP));
  siglongjmp(env, 1);
}

static void on_usr2(int sig) {
  (void)sig;
  usr2++;
}

static void on_hup(int sig) {
  (void)sig;
  hup++;
  siglongjmp(env, 2);
}

static void out_of_handlers(void) {
  volatile int arrived = 0;
  usr1 = usr2 = hup = 0;
  if (sigsetjmp(env, 1) == 0) {
    raise(SIGUSR1);
    CHECK(!"the handler did not jump");
  }
  arrived++;
  CHECK_EQ(usr1, 1);
  CHECK_EQ(usr2, 1);
  CHECK_EQ(hup, 1);
  CHECK_EQ(arrived, 1);
}

static ucontext_t here, there;
static char stack[64 << 10];

static void other_context(void) {
  CHECK_EQ(usr2, 1);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  CHECK_OK(raise(SIGUSR2));
  setcontext(&here);
}

static void with_contexts(void) {
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  usr2 = 0;
  CHECK_OK(getcontext(&there));
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = sizeof stack;
  there.uc_link = NULL;
  makecontext(&there, other_context, 0);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, &old));
  CHECK_OK(raise(SIGUSR2));
  CHECK_EQ(usr2, 0);
  CHECK_OK(swapcontext(&here, &there));
  CHECK_EQ(usr2, 1); /* `here` was saved with the signal blocked */
  CHECK_OK(pthread_sigmask(SIG_SETMASK, &old, NULL));
  CHECK_EQ(usr2, 2);
}

static void* body(void* arg) {
  for (int i = 0; i < 20; i++) out_of_handlers();
  return arg;
}

static void install(int sig, void (*handler)(int)) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = handler;
  sigaddset(&act.sa_mask, SIGUSR2);
  sigaddset(&act.sa_mask, SIGHUP);
  CHECK_OK(sigaction(sig, &act, NULL));
}

int main(void) {
  install(SIGUSR1, on_usr1);
  install(SIGUSR2, on_usr2);
  install(SIGHUP, on_hup);
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(body, NULL);
  body(NULL);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  with_contexts();
  return 0;
}
