// covers: sigqueue pthread_sigmask sigpending sigtimedwait
// All realtime signals that are queued for the process have been handled, in their order, when the call that unblocked them returns, though
// each of their handlers blocks them again; and while a handler runs the rest is pending for whoever asks.
#include "../help.h"

#include <signal.h>

enum { kSignals = 40 };
static volatile int n;
static int got[2 * kSignals], pending[2 * kSignals];

static void on_signal(int sig, siginfo_t* info, void* context) {
  (void)context;
  sigset_t set;
  sigpending(&set);
  pending[n] = sigismember(&set, sig);
  got[n++] = info->si_value.sival_int;
}

static void mask(int how, int sig) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, sig);
  CHECK_OK(pthread_sigmask(how, &set, NULL));
}

static void queue_some(int sig) {
  for (int i = 0; i < kSignals; i++) {
    union sigval value;
    value.sival_int = i;
    CHECK_OK(sigqueue(getpid(), sig, value));
  }
}

static void check_order(int count) {
  CHECK(n == count);
  for (int i = 0; i < count; i++) {
    CHECK(got[i] == i);
    CHECK(pending[i] == (i < count - 1));
  }
}

// ---- one handler lasts until another thread has taken what is pending ----

static int taken, seen[kSignals];

static void* taker(void* arg) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 1);
  const struct timespec ten = {10, 0};
  siginfo_t info;
  for (; taken < kSignals - 1; taken++) {
    CHECK(sigtimedwait(&set, &info, &ten) == SIGRTMIN + 1);
    CHECK(!seen[info.si_value.sival_int]++);
  }
  return arg;
}

static void on_slow(int sig, siginfo_t* info, void* context) {
  (void)sig, (void)context;
  CHECK(!seen[info->si_value.sival_int]++);
  n++;
  JOIN(THREAD(taker, NULL));
}

static void* idle(void* arg) { return arg; }

int main(void) {
  JOIN(THREAD(idle, NULL));
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_flags = SA_SIGINFO;
  act.sa_sigaction = on_signal;
  CHECK_OK(sigaction(SIGRTMIN, &act, NULL));
  act.sa_sigaction = on_slow;
  CHECK_OK(sigaction(SIGRTMIN + 1, &act, NULL));
  for (int round = 0; round < 10; round++) {
    n = 0;
    mask(SIG_BLOCK, SIGRTMIN);
    queue_some(SIGRTMIN);
    CHECK(n == 0);
    mask(SIG_UNBLOCK, SIGRTMIN);
    check_order(kSignals);
  }
  n = 0;
  mask(SIG_BLOCK, SIGRTMIN + 1);
  queue_some(SIGRTMIN + 1);
  mask(SIG_UNBLOCK, SIGRTMIN + 1);
  CHECK(n == 1);
  CHECK(taken == kSignals - 1);
  return 0;
}
