// covers: pthread_cond_wait pthread_cond_timedwait pthread_cond_signal
// Signals are not lost to waiters that time out at the same moment: every token finds a taker.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int tokens, taken, closed;

static void* waits(void* arg) {
  pthread_mutex_lock(&m);
  while (!closed || tokens > 0) {
    if (tokens > 0) {
      tokens--;
      taken++;
      continue;
    }
    if (arg) {
      struct timespec at = deadline_ms(CLOCK_REALTIME, 1);
      int error = pthread_cond_timedwait(&c, &m, &at);
      CHECK(error == 0 || error == ETIMEDOUT);
      if (error) {
        pthread_mutex_unlock(&m);
        sched_yield();
        pthread_mutex_lock(&m);
        /* A thread that gives up hands a signal it may have taken to another. */
        if (tokens > 0) pthread_cond_signal(&c);
      }
    } else {
      pthread_cond_wait(&c, &m);
    }
  }
  pthread_mutex_unlock(&m);
  return NULL;
}

int main(void) {
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++) t[i] = THREAD(waits, (void*)(i % 2));
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(&m);
    tokens++;
    pthread_mutex_unlock(&m);
    pthread_cond_signal(&c);
    if (i % 100 == 0) sleep_ms(1);
    if (i % 7 == 0) sched_yield();
  }
  pthread_mutex_lock(&m);
  closed = 1;
  pthread_cond_broadcast(&c);
  pthread_mutex_unlock(&m);
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  CHECK_EQ(taken, 1000);
  return 0;
}
