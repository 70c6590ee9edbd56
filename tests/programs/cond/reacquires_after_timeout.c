// covers: pthread_cond_timedwait
// After its time is up a waiter comes back only when it can have the mutex, which another holds on.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int waiting, held;

static void* body(void* arg) {
  pthread_mutex_lock(&m);
  waiting++;
  struct timespec at = deadline_ms(CLOCK_REALTIME, 10);
  int error;
  while ((error = pthread_cond_timedwait(&c, &m, &at)) == 0) {
  }
  CHECK_EQ(error, ETIMEDOUT);
  CHECK_EQ(held, 0);
  held = 1;
  sleep_ms(1);
  held = 0;
  pthread_mutex_unlock(&m);
  return arg;
}

int main(void) {
  pthread_t t[5];
  for (int i = 0; i < 5; i++) t[i] = THREAD(body, NULL);
  for (int seen = 0; seen < 5;) {
    pthread_mutex_lock(&m);
    seen = waiting;
    if (seen == 5) {
      CHECK_EQ(held, 0);
      held = 1;
      sleep_ms(40);
      held = 0;
    }
    pthread_mutex_unlock(&m);
    sched_yield();
  }
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  return 0;
}
