// covers: sigqueue pthread_sigqueue sigwaitinfo sigtimedwait sigsuspend
// Realtime signals are queued in order with their values, for a thread and for the process; standard ones are merged.
#include "../help.h"

#include <signal.h>

static __thread volatile int next_value, usr1;
static int done;

static void on_rt(int sig, siginfo_t* info, void* uc) {
  (void)sig;
  (void)uc;
  CHECK_EQ(info->si_code, SI_QUEUE);
  CHECK_EQ(info->si_value.sival_int, next_value);
  next_value++;
}

static void on_usr1(int sig) {
  (void)sig;
  usr1++;
}

static void* body(void* arg) {
  sigset_t rt, old;
  union sigval v;
  siginfo_t info;
  sigemptyset(&rt);
  sigaddset(&rt, SIGRTMIN + 3);
  sigaddset(&rt, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &rt, &old));
  for (int i = 0; i < 20; i++) {
    v.sival_int = i;
    CHECK_OK(pthread_sigqueue(pthread_self(), SIGRTMIN + 3, v));
    CHECK_OK(pthread_kill(pthread_self(), SIGUSR1));
  }
  CHECK_EQ(next_value, 0);
  CHECK_OK(pthread_sigmask(SIG_SETMASK, &old, NULL));
  CHECK_EQ(next_value, 20);
  CHECK_EQ(usr1, 1);

  CHECK_OK(pthread_sigmask(SIG_BLOCK, &rt, &old));
  for (int i = 0; i < 5; i++) {
    v.sival_int = 100 + i;
    CHECK_OK(sigqueue(getpid(), SIGRTMIN + 3, v)); /* every thread blocks it */
  }
  for (int i = 0; i < 5; i++) {
    CHECK_EQ(sigwaitinfo(&rt, &info), SIGRTMIN + 3);
    CHECK_EQ(info.si_value.sival_int, 100 + i);
    CHECK_EQ(info.si_pid, getpid());
  }
  struct timespec none = {0, 0};
  CHECK_ERRNO(sigtimedwait(&rt, &info, &none), EAGAIN);

  v.sival_int = next_value;
  CHECK_OK(sigqueue(getpid(), SIGRTMIN + 3, v));
  CHECK_ERRNO(sigsuspend(&old), EINTR);
  CHECK_EQ(next_value, 21);
  __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_sigaction = on_rt;
  sa.sa_flags = SA_SIGINFO;
  CHECK_OK(sigaction(SIGRTMIN + 3, &sa, NULL));
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = on_usr1;
  CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
  sigset_t rt;
  sigemptyset(&rt);
  sigaddset(&rt, SIGRTMIN + 3);
  sigset_t old;
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &rt, &old));
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setsigmask_np(&attr, &old);
  pthread_t t;
  for (int i = 0; i < 3; i++) {
    CHECK_OK(pthread_create(&t, &attr, body, NULL));
    JOIN(t);
  }
  return 0;
}
