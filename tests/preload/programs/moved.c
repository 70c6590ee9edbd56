// A thread that waits for a condition, is signalled, and then waits for the mutex, whose holder sleeps. Another waits for
// the same mutex from a broadcast, with a timeout that is far away. For who looks from outside.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER, other = PTHREAD_COND_INITIALIZER;
static int waiting;

static void* waiter(void* arg) {
  pthread_setname_np(pthread_self(), "waiter");
  pthread_mutex_lock(&lock);
  waiting++;
  pthread_cond_wait(&cond, &lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

static void* timed(void* arg) {
  pthread_setname_np(pthread_self(), "timed");
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  at.tv_sec += 1000;
  pthread_mutex_lock(&lock);
  waiting++;
  pthread_cond_timedwait(&cond, &lock, &at);
  pthread_mutex_unlock(&lock);
  return arg;
}

// Is not signalled.
static void* left(void* arg) {
  pthread_setname_np(pthread_self(), "left");
  pthread_mutex_lock(&lock);
  waiting++;
  pthread_cond_wait(&other, &lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

static void* holder(void* arg) {
  pthread_setname_np(pthread_self(), "holder");
  for (int all = 0; !all;) {
    pthread_mutex_lock(&lock);
    all = waiting == 3;
    if (all) pthread_cond_broadcast(&cond);
    if (all) sleep(1000);
    pthread_mutex_unlock(&lock);
    usleep(1000);
  }
  return arg;
}

int main(void) {
  pthread_t t[4];
  void* (*const fns[4])(void*) = {waiter, timed, left, holder};
  for (int i = 0; i < 4; i++)
    if (pthread_create(&t[i], NULL, fns[i], NULL) != 0) return 1;
  usleep(200000);
  puts("moved");
  fflush(stdout);
  pthread_join(t[0], NULL);
}
