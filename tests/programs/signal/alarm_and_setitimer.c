// covers: setitimer alarm sigaction timer_create
// Timer signals come never early, again and again, while all threads are blocked.
#include "../help.h"

#include <signal.h>
#include <sys/time.h>

static int hits;
static long long second_hit;

static void handler(int sig) {
  (void)sig;
  if (__atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST) == 5) second_hit = now_ms();
}

static void* blocks(void* arg) {
  while (__atomic_load_n(&hits, __ATOMIC_SEQ_CST) < 8) sleep_ms(1);
  return arg;
}

int main(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = handler;
  sa.sa_flags = SA_RESTART;
  CHECK_OK(sigaction(SIGALRM, &sa, NULL));
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(blocks, NULL);
  struct itimerval every = {{0, 10000}, {0, 10000}}, off = {{0, 0}, {0, 0}};
  long long start = now_ms();
  CHECK_OK(setitimer(ITIMER_REAL, &every, NULL));
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  CHECK_OK(setitimer(ITIMER_REAL, &off, NULL));
  CHECK(second_hit - start >= 49);
  CHECK_EQ(alarm(100), 0);
  unsigned left = alarm(0);
  CHECK(left >= 90 && left <= 100);
  timer_t timer;
  struct sigevent ev;
  memset(&ev, 0, sizeof ev);
  ev.sigev_notify = SIGEV_SIGNAL;
  ev.sigev_signo = SIGALRM;
  int before = hits;
  CHECK_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
  struct itimerspec once = {{0, 0}, {0, 5000000}};
  CHECK_OK(timer_settime(timer, 0, &once, NULL));
  while (__atomic_load_n(&hits, __ATOMIC_SEQ_CST) == before) sleep_ms(1);
  CHECK_EQ(hits, before + 1);
  CHECK_OK(timer_delete(timer));
  return 0;
}
