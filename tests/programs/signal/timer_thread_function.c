// covers: timer_create
// SIGEV_THREAD: the function runs on a thread of its own, which may wait for ours, and they for it.
#include "../help.h"

#include <signal.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int fired, seen;

static void fires(union sigval v) {
  CHECK_EQ(v.sival_int, 42);
  pthread_mutex_lock(&m);
  fired++;
  pthread_cond_broadcast(&c);
  while (seen < fired) pthread_cond_wait(&c, &m);
  pthread_mutex_unlock(&m);
}

static void* sees(void* arg) {
  struct sigevent ev;
  memset(&ev, 0, sizeof ev);
  ev.sigev_notify = SIGEV_THREAD;
  ev.sigev_notify_function = fires;
  ev.sigev_value.sival_int = 42;
  timer_t timer;
  CHECK_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
  struct itimerspec its = {{0, 3000000}, {0, 1000000}};
  CHECK_OK(timer_settime(timer, 0, &its, NULL));
  pthread_mutex_lock(&m);
  for (int i = 1; i <= 5; i++) {
    while (fired < i) pthread_cond_wait(&c, &m);
    seen = fired;
    pthread_cond_broadcast(&c);
  }
  seen = 1 << 30;
  pthread_cond_broadcast(&c);
  pthread_mutex_unlock(&m);
  CHECK_OK(timer_delete(timer));
  return arg;
}

int main(void) {
  JOIN(THREAD(sees, NULL));
  return 0;
}
