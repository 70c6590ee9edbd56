// covers: pthread_create pthread_join
// Some 1,500 threads at once, each with its stack to itself from end to end.
#include "../help.h"

enum { kThreads = 1500, kUsed = 24 << 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_filled = PTHREAD_COND_INITIALIZER, may_go = PTHREAD_COND_INITIALIZER;
static int filled, go;

static void* fill(void* arg) {
  volatile unsigned char room[kUsed];
  const unsigned char mine = (unsigned char)((uintptr_t)arg * 7 + 1);
  for (int i = 0; i < kUsed; i += 64) room[i] = mine;
  pthread_mutex_lock(&lock);
  if (++filled == kThreads) pthread_cond_signal(&all_filled);
  while (!go) pthread_cond_wait(&may_go, &lock);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < kUsed; i += 64) CHECK(room[i] == mine);
  return arg;
}

int main(void) {
  static pthread_t threads[kThreads];
  pthread_attr_t attr;
  CHECK(pthread_attr_init(&attr) == 0);
  CHECK(pthread_attr_setstacksize(&attr, 48 << 10) == 0);
  for (intptr_t i = 0; i < kThreads; i++)
    CHECK(pthread_create(&threads[i], &attr, fill, (void*)i) == 0);
  pthread_mutex_lock(&lock);
  while (filled < kThreads) pthread_cond_wait(&all_filled, &lock);
  go = 1;
  pthread_cond_broadcast(&may_go);
  pthread_mutex_unlock(&lock);
  for (intptr_t i = 0; i < kThreads; i++) {
    void* result;
    CHECK(pthread_join(threads[i], &result) == 0 && result == (void*)i);
  }
  return 0;
}
