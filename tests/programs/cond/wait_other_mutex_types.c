// covers: pthread_cond_wait pthread_cond_timedwait
// Waiting works with errorcheck, recursive (locked once) and adaptive mutexes, which are owned
// again after it.
#include "../help.h"

static pthread_mutex_t errorcheck = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t* all[] = {&errorcheck, &recursive, &adaptive};
static pthread_cond_t c[3] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER,
                              PTHREAD_COND_INITIALIZER};
static int waiting[3], go[3];

static void* body(void* arg) {
  int k = (int)(intptr_t)arg;
  CHECK_OK(pthread_mutex_lock(all[k]));
  waiting[k]++;
  while (!go[k]) CHECK_OK(pthread_cond_wait(&c[k], all[k]));
  waiting[k]--;
  CHECK_RET(pthread_mutex_trylock(all[k]), k == 1 ? 0 : EBUSY);
  if (k == 1) CHECK_OK(pthread_mutex_unlock(all[k]));
  CHECK_OK(pthread_mutex_unlock(all[k]));
  if (k < 2) CHECK_RET(pthread_mutex_unlock(all[k]), EPERM);
  return NULL;
}

int main(void) {
  pthread_t t[12];
  for (intptr_t i = 0; i < 12; i++) t[i] = THREAD(body, (void*)(i % 3));
  for (int k = 0; k < 3; k++) {
    pthread_mutex_lock(all[k]);
    while (waiting[k] < 4) {
      pthread_mutex_unlock(all[k]);
      sleep_ms(1);
      pthread_mutex_lock(all[k]);
    }
    go[k] = 1;
    CHECK_OK(pthread_cond_broadcast(&c[k]));
    pthread_mutex_unlock(all[k]);
  }
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  for (int k = 0; k < 3; k++) CHECK_EQ(waiting[k], 0);
  return 0;
}
