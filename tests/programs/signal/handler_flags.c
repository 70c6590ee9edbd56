// covers: sigaction raise pthread_kill sigqueue siglongjmp sigpending
// SA_RESETHAND, SA_NODEFER and sa_mask in threads; what a handler sees and leaves; a jump out of a handler.
#include "../help.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

static __thread volatile int depth, deepest, hits, seen_blocked;
static __thread sigjmp_buf env;

static int blocked(int sig) {
  sigset_t now;
  CHECK_OK(pthread_sigmask(SIG_BLOCK, NULL, &now));
  return sigismember(&now, sig);
}

static void install(int sig, void (*f)(int, siginfo_t*, void*), int flags, int also) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_sigaction = f;
  sa.sa_flags = SA_SIGINFO | flags;
  if (also) sigaddset(&sa.sa_mask, also);
  CHECK_OK(sigaction(sig, &sa, NULL));
}

static void nests(int sig, siginfo_t* info, void* uc) {
  (void)uc;
  CHECK_EQ(info->si_signo, sig);
  CHECK_EQ(info->si_pid, getpid());
  hits++;
  if (++depth > deepest) deepest = depth;
  if (hits < 3) raise(sig);
  depth--;
}

static void looks(int sig, siginfo_t* info, void* uc) {
  (void)info;
  hits++;
  CHECK_EQ(blocked(sig), 1);
  seen_blocked = blocked(SIGUSR2);
  /* What was blocked before, as the interrupted context has it. */
  CHECK_EQ(sigismember(&((ucontext_t*)uc)->uc_sigmask, sig), 0);
}

static void jumps(int sig, siginfo_t* info, void* uc) {
  (void)info;
  (void)uc;
  CHECK_EQ(blocked(sig), 1);
  siglongjmp(env, 7);
}

static void opens(int sig, siginfo_t* info, void* uc) {
  (void)sig;
  (void)info;
  /* Blocks SIGWINCH from now on, in the context it returns to. */
  sigaddset(&((ucontext_t*)uc)->uc_sigmask, SIGWINCH);
}

static void* body(void* arg) {
  (void)arg;
  sigset_t pending;
  install(SIGUSR1, nests, SA_NODEFER, 0);
  hits = depth = deepest = 0;
  CHECK_OK(raise(SIGUSR1));
  CHECK_EQ(hits, 3);
  CHECK_EQ(deepest, 3);

  install(SIGUSR1, nests, 0, 0);
  hits = depth = deepest = 0;
  CHECK_OK(raise(SIGUSR1));
  CHECK_EQ(hits, 3);
  CHECK_EQ(deepest, 1);

  install(SIGUSR1, looks, 0, SIGUSR2);
  hits = 0;
  CHECK_OK(pthread_kill(pthread_self(), SIGUSR1));
  CHECK_EQ(hits, 1);
  CHECK_EQ(seen_blocked, 1);
  CHECK_EQ(blocked(SIGUSR1), 0);
  CHECK_EQ(blocked(SIGUSR2), 0);

  install(SIGURG, looks, SA_RESETHAND, 0);
  CHECK_OK(raise(SIGURG));
  CHECK_EQ(hits, 2);
  CHECK_OK(raise(SIGURG)); /* ignored by default */
  CHECK_EQ(hits, 2);

  install(SIGUSR1, jumps, 0, 0);
  for (volatile int i = 0; i < 3; i++) {
    int r = sigsetjmp(env, 1);
    if (r == 0) {
      raise(SIGUSR1);
      CHECK(0);
    }
    CHECK_EQ(r, 7);
    CHECK_EQ(blocked(SIGUSR1), 0);
  }

  install(SIGUSR1, opens, 0, 0);
  CHECK_OK(raise(SIGUSR1));
  CHECK_EQ(blocked(SIGWINCH), 1);
  CHECK_OK(raise(SIGWINCH));
  CHECK_OK(sigpending(&pending));
  CHECK_EQ(sigismember(&pending, SIGWINCH), 1);
  return NULL;
}

int main(void) {
  for (int i = 0; i < 3; i++) JOIN(THREAD(body, NULL));
  body(NULL);
  return 0;
}
