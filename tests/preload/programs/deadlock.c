// Two threads that each hold the lock the other wants; N more sleep. For who looks into hung processes.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

__attribute__((noinline)) static void take(pthread_mutex_t* m) {
  pthread_mutex_lock(m);
  __asm__ volatile("");
}

__attribute__((noinline)) static void hold_and_want(pthread_mutex_t* mine, pthread_mutex_t* other) {
  take(mine);
  pthread_barrier_wait(&both);
  take(other);
  __asm__ volatile("");
}

static void* first(void* arg) {
  pthread_setname_np(pthread_self(), "first");
  hold_and_want(&a, &b);
  return arg;
}

static void* second(void* arg) {
  pthread_setname_np(pthread_self(), "second");
  hold_and_want(&b, &a);
  return arg;
}

static void* sleeper(void* arg) {
  sleep(1000);
  return arg;
}

int main(int argc, char** argv) {
  int n = argc > 1 ? atoi(argv[1]) : 0;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 65536);
  for (int i = 0; i < n; i++) {
    pthread_t id;
    if (pthread_create(&id, &attr, sleeper, NULL) != 0) return 1;
  }
  pthread_t t, u;
  pthread_barrier_init(&both, NULL, 2);
  pthread_create(&t, NULL, first, NULL);
  pthread_create(&u, NULL, second, NULL);
  usleep(100000);
  puts("hangs");
  fflush(stdout);
  pthread_join(t, NULL);
}
