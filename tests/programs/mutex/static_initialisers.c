// covers: pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock
// The four static initialisers give mutexes of their type that work without init.
#include "../help.h"

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t errorcheck = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t* all[] = {&plain, &recursive, &errorcheck, &adaptive};
static int counts[4];

static void* body(void* arg) {
  for (int i = 0; i < 400; i++) {
    int k = i % 4;
    CHECK_OK(pthread_mutex_lock(all[k]));
    if (k == 1) CHECK_OK(pthread_mutex_lock(all[k]));
    if (k == 2) CHECK_RET(pthread_mutex_lock(all[k]), EDEADLK);
    if (k != 1) CHECK_RET(pthread_mutex_trylock(all[k]), EBUSY);
    int seen = counts[k];
    if (i % 100 < 4) sched_yield();
    counts[k] = seen + 1;
    CHECK_OK(pthread_mutex_unlock(all[k]));
    if (k == 1) CHECK_OK(pthread_mutex_unlock(all[k]));
  }
  return arg;
}

int main(void) {
  pthread_t t[10];
  for (int i = 0; i < 10; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 10; i++) JOIN(t[i]);
  for (int k = 0; k < 4; k++) CHECK_EQ(counts[k], 1000);
  return 0;
}
