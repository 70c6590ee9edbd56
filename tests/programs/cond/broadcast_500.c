// covers: pthread_cond_broadcast pthread_cond_wait
// A broadcast wakes all of 500 waiters, three times over.
#include "../help.h"

enum { kThreads = 500 };
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER, all = PTHREAD_COND_INITIALIZER;
static int waiting, round_now;

static void* body(void* arg) {
  pthread_mutex_lock(&m);
  for (int r = 0; r < 3; r++) {
    if (++waiting == kThreads) pthread_cond_signal(&all);
    while (round_now == r) pthread_cond_wait(&go, &m);
  }
  pthread_mutex_unlock(&m);
  return arg;
}

int main(void) {
  static pthread_t t[kThreads];
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 128 << 10);
  for (int i = 0; i < kThreads; i++) CHECK_OK(pthread_create(&t[i], &attr, body, NULL));
  pthread_mutex_lock(&m);
  for (int r = 0; r < 3; r++) {
    while (waiting < kThreads) pthread_cond_wait(&all, &m);
    waiting = 0;
    round_now++;
    CHECK_OK(pthread_cond_broadcast(&go));
  }
  pthread_mutex_unlock(&m);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  return 0;
}
