// covers: timer_create timer_getoverrun timer_delete
// A timer that is faster than its handler: it has one signal on its way at most, what it skips is its overrun, and when
// it is stopped the program goes on at once. With a realtime signal and a standard one, to the process and to a thread.
#include "../help.h"

#include <signal.h>

enum { PERIOD_US = 10, HANDLER_US = 200, RUNS = 40 };

static timer_t timer;
static volatile long runs, overruns, wrong;
static long long last;

static void handler(int sig, siginfo_t* info, void* uc) {
  (void)sig;
  (void)uc;
  if (info->si_code != SI_TIMER || info->si_value.sival_int != 77) wrong++;
  const long long start = now_ns();
  runs++;
  const int more = timer_getoverrun(timer);
  if (more != info->si_overrun) wrong++;
  overruns += more;
  last = now_ns();
  while (now_ns() < start + HANDLER_US * 1000LL) {
  }
  if (runs < RUNS) return;
  const struct itimerspec off = {{0, 0}, {0, 0}};
  timer_settime(timer, 0, &off, NULL);
}

static void try(int sig, int notify, int flags) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_sigaction = handler;
  act.sa_flags = SA_SIGINFO | flags;
  CHECK_OK(sigaction(sig, &act, NULL));
  struct sigevent ev;
  memset(&ev, 0, sizeof ev);
  ev.sigev_notify = notify;
  ev.sigev_signo = sig;
  ev.sigev_value.sival_int = 77;
  ev._sigev_un._tid = gettid();
  runs = overruns = wrong = 0;
  CHECK_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
  const struct itimerspec on = {{0, PERIOD_US * 1000}, {0, 1000000}};
  const long long armed = now_ns();
  CHECK_OK(timer_settime(timer, 0, &on, NULL));
  while (runs < RUNS) usleep(1000);
  sleep_ms(5);
  CHECK_OK(timer_delete(timer));
  CHECK_EQ(wrong, 0);
  // One may have been on its way.
  CHECK(runs <= RUNS + 2);
  // Nothing is counted twice. What may be missing was due after the last signal had been made; those before it were as
  // far apart as a handler is long.
  const long due = (last - armed - 1000000) / (PERIOD_US * 1000) + 1;
  const long seen = runs + overruns;
  if (seen > due || seen < (RUNS - 3) * HANDLER_US / PERIOD_US)
    check_fail(__FILE__, __LINE__, "%ld runs + %ld overruns, %ld periods", runs, overruns, due);
}

static void* body(void* arg) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
  try(SIGUSR1, SIGEV_THREAD_ID, 0);
  return arg;
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, &set, NULL));
  JOIN(THREAD(body, NULL));
  try(SIGRTMIN + 2, SIGEV_SIGNAL, 0);
  try(SIGALRM, SIGEV_SIGNAL, SA_RESTART);
  return 0;
}
