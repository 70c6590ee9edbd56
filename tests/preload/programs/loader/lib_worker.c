// Its constructor starts a thread and waits for what that says; its destructor ends it.
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static int is_up, is_over, turns;
static __thread long buffer[600] = {4};

static void* work(void* arg) {
  pthread_mutex_lock(&lock);
  is_up = (int)buffer[0];
  pthread_cond_broadcast(&changed);
  while (!is_over) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 500000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_cond_timedwait(&changed, &lock, &until);
    turns += (int)buffer[0]++;
  }
  pthread_mutex_unlock(&lock);
  return arg;
}

__attribute__((constructor)) static void start(void) {
  if (pthread_create(&thread, NULL, work, NULL) != 0) abort();
  pthread_mutex_lock(&lock);
  while (!is_up) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

__attribute__((destructor)) static void end(void) {
  pthread_mutex_lock(&lock);
  is_over = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  pthread_join(thread, NULL);
  if (turns == 0) abort();
}

int worker_is_up(void) {
  pthread_mutex_lock(&lock);
  const int up = is_up;
  pthread_mutex_unlock(&lock);
  return up;
}
