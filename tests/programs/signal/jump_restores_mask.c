// covers: siglongjmp __sigsetjmp setjmp longjmp
// sigsetjmp saves the thread's own mask and siglongjmp restores it: from a handler, without one, before there were
// threads, in a child; a plain longjmp leaves the mask alone.
#include "../help.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>

static sigjmp_buf early;
static __thread sigjmp_buf env;

static sigset_t mask_of(int a, int b) {
  sigset_t set;
  sigemptyset(&set);
  if (a) sigaddset(&set, a);
  if (b) sigaddset(&set, b);
  return set;
}

static int blocks(int sig) {
  sigset_t now;
  CHECK_OK(pthread_sigmask(SIG_SETMASK, NULL, &now));
  return sigismember(&now, sig);
}

static void handler(int sig) {
  CHECK(blocks(sig));
  siglongjmp(env, sig);
}

static void* body(void* arg) {
  sigset_t usr2 = mask_of(SIGUSR2, 0), both = mask_of(SIGUSR2, SIGHUP);
  CHECK_OK(pthread_sigmask(SIG_SETMASK, &usr2, NULL));
  for (int i = 0; i < 20; i++) {
    // From a handler: the mask before it.
    if (sigsetjmp(env, 1) == 0) {
      pthread_kill(pthread_self(), SIGUSR1);
      CHECK(!"the handler did not run");
    }
    CHECK(!blocks(SIGUSR1) && blocks(SIGUSR2) && !blocks(SIGHUP));
    // Without one: what the mask was.
    if (sigsetjmp(env, 1) == 0) {
      CHECK_OK(pthread_sigmask(SIG_SETMASK, &both, NULL));
      sched_yield();
      siglongjmp(env, 1);
    }
    CHECK(blocks(SIGUSR2) && !blocks(SIGHUP));
    // Not saved, not restored.
    if (sigsetjmp(env, 0) == 0) {
      CHECK_OK(pthread_sigmask(SIG_SETMASK, &both, NULL));
      siglongjmp(env, 1);
    }
    CHECK(blocks(SIGHUP));
    CHECK_OK(pthread_sigmask(SIG_SETMASK, &usr2, NULL));
  }
  return arg;
}

int main(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = handler;
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  sigset_t hup = mask_of(SIGHUP, 0), all;
  volatile int times = 0;
  CHECK_OK(sigprocmask(SIG_SETMASK, &hup, NULL));
  if (sigsetjmp(early, 1) != 0) {
    // Saved while there was one thread, and restored with many, and again.
    CHECK(blocks(SIGHUP) && !blocks(SIGUSR1) && !blocks(SIGTERM));
  }
  pthread_t t[6];
  for (int i = 0; i < 6; i++) t[i] = THREAD(body, NULL);
  body(NULL);
  for (int i = 0; i < 6; i++) JOIN(t[i]);
  sigfillset(&all);
  CHECK_OK(pthread_sigmask(SIG_SETMASK, &all, NULL));
  if (++times < 3) siglongjmp(early, 1);
  // The child is one thread, whose mask is the kernel's.
  CHECK_OK(pthread_sigmask(SIG_SETMASK, &hup, NULL));
  if (sigsetjmp(env, 1) != 0) _exit(blocks(SIGHUP) && !blocks(SIGTERM) ? 0 : 1);
  pid_t pid = fork();
  if (pid == 0) siglongjmp(env, 1);
  int status = -1;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  return 0;
}
