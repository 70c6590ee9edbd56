// covers: sigwait sigwaitinfo sigtimedwait sigsuspend pause
// also: GOSHIM_PATCH=0
// 32 threads wait for a signal, in five ways, and get it one by one.
#include "blocked.h"

#include <signal.h>

static pthread_t self[kBlocked];
static __thread volatile sig_atomic_t handled;

static void handler(int sig) { handled = sig; }

static void wait_for_signal(int i) {
  sigset_t set, none;
  siginfo_t info;
  struct timespec minute = {60, 0};
  int sig = 0;
  __atomic_store_n(&self[i], pthread_self(), __ATOMIC_SEQ_CST);
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  switch (i % 4) {
    case 0:
      CHECK_OK(sigwait(&set, &sig));
      break;
    case 1:
      sig = sigwaitinfo(&set, &info);
      break;
    case 2:
      sig = sigtimedwait(&set, &info, &minute);
      break;
    default:
      CHECK_ERRNO(sigsuspend(&none), EINTR);
      sig = handled;
  }
  CHECK_EQ(sig, SIGUSR1);
}

// The signal is open, so it can come before pause() does: then another one is needed.
static int paused[kBlocked];

static void pause_for_signal(int i) {
  __atomic_store_n(&self[i], pthread_self(), __ATOMIC_SEQ_CST);
  CHECK_ERRNO(pause(), EINTR);
  CHECK_EQ(handled, SIGUSR2);
  __atomic_store_n(&paused[i], 1, __ATOMIC_SEQ_CST);
}

static pthread_t thread_of(int i) {
  pthread_t t;
  while ((t = __atomic_load_n(&self[i], __ATOMIC_SEQ_CST)) == 0) sleep_ms(1);
  return t;
}

static void send_signal(int i) { CHECK_OK(pthread_kill(thread_of(i), SIGUSR1)); }

static void end_pause(int i) {
  while (!__atomic_load_n(&paused[i], __ATOMIC_SEQ_CST)) {
    CHECK_OK(pthread_kill(thread_of(i), SIGUSR2));
    sleep_ms(1);
  }
}

int main(void) {
  struct sigaction act = {.sa_handler = handler};
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  CHECK_OK(sigaction(SIGUSR2, &act, NULL));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  run_blocked(wait_for_signal, send_signal);
  memset(self, 0, sizeof self);
  run_blocked(pause_for_signal, end_pause);
  return 0;
}
