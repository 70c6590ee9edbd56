// covers: pthread_mutex_init pthread_mutex_lock pthread_mutex_unlock pthread_mutexattr_settype
// Every mutex type keeps 16 threads apart, whether the holder yields, sleeps or goes on.
#include "../help.h"

static pthread_mutex_t m;
static int count, inside;

static void* body(void* arg) {
  for (int i = 0; i < 100; i++) {
    CHECK_OK(pthread_mutex_lock(&m));
    CHECK_EQ(inside, 0);
    inside = 1;
    if (i % 10 == 0) sched_yield();
    if (i % 50 == 0 && (intptr_t)arg % 4 == 0) sleep_ms(1);
    count++;
    inside = 0;
    CHECK_OK(pthread_mutex_unlock(&m));
  }
  return NULL;
}

int main(void) {
  int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK,
                 PTHREAD_MUTEX_ADAPTIVE_NP};
  for (int k = 0; k < 4; k++) {
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    CHECK_OK(pthread_mutexattr_settype(&attr, types[k]));
    CHECK_OK(pthread_mutex_init(&m, &attr));
    pthread_mutexattr_destroy(&attr);
    count = 0;
    pthread_t t[16];
    for (intptr_t i = 0; i < 16; i++) t[i] = THREAD(body, (void*)i);
    for (int i = 0; i < 16; i++) JOIN(t[i]);
    CHECK_EQ(count, 1600);
    CHECK_OK(pthread_mutex_destroy(&m));
  }
  return 0;
}
