// covers: pthread_mutex_lock pthread_mutex_unlock
// Threads that lock in a tight loop do not keep one that wants the mutex a few times out for ever.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int stop;
static long turns;

static void* greedy(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    pthread_mutex_lock(&m);
    long seen = turns;
    for (int i = 0; i < 50; i++) turns++;
    CHECK_EQ(turns, seen + 50);
    pthread_mutex_unlock(&m);
  }
  return arg;
}

static void* modest(void* arg) {
  for (int i = 0; i < 5; i++) {
    sleep_ms(1);
    pthread_mutex_lock(&m);
    turns += 50;
    pthread_mutex_unlock(&m);
  }
  return arg;
}

int main(void) {
  pthread_t g[3], t[5];
  for (int i = 0; i < 3; i++) g[i] = THREAD(greedy, NULL);
  for (int i = 0; i < 5; i++) t[i] = THREAD(modest, NULL);
  for (int i = 0; i < 5; i++) JOIN(t[i]);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 3; i++) JOIN(g[i]);
  CHECK(turns >= 25 * 50 && turns % 50 == 0);
  return 0;
}
