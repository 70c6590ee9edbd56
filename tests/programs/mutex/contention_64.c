// covers: pthread_mutex_lock pthread_mutex_unlock
// 64 threads on one mutex with very short sections lose no update.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t start;
static long a, b;

static void* body(void* arg) {
  pthread_barrier_wait(&start);
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&m);
    long seen = ++a;
    if (i % 500 == 7) sched_yield();
    CHECK_EQ(a, seen);
    b += seen;
    pthread_mutex_unlock(&m);
  }
  return arg;
}

int main(void) {
  pthread_t t[64];
  pthread_barrier_init(&start, NULL, 64);
  for (int i = 0; i < 64; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 64; i++) JOIN(t[i]);
  CHECK_EQ(a, 128000);
  CHECK_EQ(b, 128000L * 128001 / 2);
  return 0;
}
