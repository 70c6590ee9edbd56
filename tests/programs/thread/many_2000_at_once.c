// covers: pthread_create pthread_join pthread_attr_setstacksize
// 2,000 threads exist at once, all blocked, and each ends with its own sum.
#include "../help.h"

enum { kThreads = 2000 };
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_cond_t full = PTHREAD_COND_INITIALIZER;
static int here, go;

static void* body(void* arg) {
  pthread_mutex_lock(&m);
  if (++here == kThreads) pthread_cond_signal(&full);
  while (!go) pthread_cond_wait(&c, &m);
  pthread_mutex_unlock(&m);
  return (void*)((intptr_t)arg + 1);
}

int main(void) {
  static pthread_t t[kThreads];
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 64 << 10);
  for (intptr_t i = 0; i < kThreads; i++) CHECK_OK(pthread_create(&t[i], &attr, body, (void*)i));
  pthread_mutex_lock(&m);
  while (here < kThreads) pthread_cond_wait(&full, &m);
  go = 1;
  pthread_cond_broadcast(&c);
  pthread_mutex_unlock(&m);
  for (intptr_t i = 0; i < kThreads; i++) CHECK_EQ((intptr_t)JOIN(t[i]), i + 1);
  return 0;
}
