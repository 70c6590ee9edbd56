// covers: timer_create timer_delete syscall
// SIGEV_THREAD_ID: a timer's signal comes to that thread, with the timer's value, whether its handler is to run, it
// sigwait()s, or blocks the signal for a while; by libc's call and by the system call.
#include "../help.h"

#include <signal.h>
#include <sys/syscall.h>

static __thread int mine;
static __thread int got;

static void handler(int sig, siginfo_t* info, void* uc) {
  (void)sig;
  (void)uc;
  CHECK_EQ(info->si_code, SI_TIMER);
  CHECK_EQ(info->si_value.sival_int, mine);
  got++;
}

static void arm(timer_t timer, long ms, int every) {
  struct itimerspec its = {{0, every ? ms * 1000000 : 0}, {0, ms * 1000000}};
  CHECK_OK(timer_settime(timer, 0, &its, NULL));
}

static timer_t create(int sig, pid_t tid, int value) {
  struct sigevent ev;
  memset(&ev, 0, sizeof ev);
  ev.sigev_notify = SIGEV_THREAD_ID;
  ev.sigev_signo = sig;
  ev.sigev_value.sival_int = value;
  ev._sigev_un._tid = tid;
  timer_t timer;
  CHECK_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
  return timer;
}

static void* handles(void* arg) {
  mine = (int)(intptr_t)arg;
  timer_t timer = create(SIGUSR1, gettid(), mine);
  arm(timer, 3, 1);
  while (got < 4) sleep_ms(1);
  CHECK_OK(timer_delete(timer));
  return NULL;
}

static void* waits(void* arg) {
  int value = (int)(intptr_t)arg;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  timer_t timer = create(SIGUSR2, gettid(), value);
  for (int i = 0; i < 4; i++) {
    siginfo_t info;
    arm(timer, 2, 0);
    if (i % 2) sleep_ms(4);
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR2);
    CHECK_EQ(info.si_value.sival_int, value);
    CHECK_EQ(info.si_code, SI_TIMER);
  }
  CHECK_OK(timer_delete(timer));
  return NULL;
}

static void* by_system_call(void* arg) {
  mine = (int)(intptr_t)arg;
  struct sigevent ev;
  memset(&ev, 0, sizeof ev);
  ev.sigev_notify = SIGEV_THREAD_ID;
  ev.sigev_signo = SIGUSR1;
  ev.sigev_value.sival_int = mine;
  ev._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  int id = -1;
  CHECK_OK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id));
  struct itimerspec its = {{0, 0}, {0, 2000000}};
  CHECK_OK(syscall(SYS_timer_settime, id, 0, &its, NULL));
  while (got < 1) usleep(500);
  CHECK_OK(syscall(SYS_timer_delete, id));
  return NULL;
}

int main(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_sigaction = handler;
  act.sa_flags = SA_SIGINFO;
  CHECK_OK(sigaction(SIGUSR1, &act, NULL));
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++)
    t[i] = THREAD(i % 3 == 0 ? handles : i % 3 == 1 ? waits : by_system_call, (void*)(i + 1));
  handles((void*)100);
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  struct sigevent ev;
  memset(&ev, 0, sizeof ev);
  ev.sigev_notify = SIGEV_THREAD_ID;
  ev.sigev_signo = SIGUSR1;
  ev._sigev_un._tid = 1;
  timer_t timer;
  CHECK_ERRNO(timer_create(CLOCK_MONOTONIC, &ev, &timer), EINVAL);
  ev._sigev_un._tid = gettid();
  ev.sigev_signo = 65;
  CHECK_ERRNO(timer_create(CLOCK_MONOTONIC, &ev, &timer), EINVAL);
  return 0;
}
