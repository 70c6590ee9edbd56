// covers: pthread_mutex_lock pthread_cond_wait pthread_rwlock_wrlock sem_wait pthread_barrier_wait
// link: -ldl
// Threads that libc has made by itself, before and after the program's first own one, share locks, conditions, semaphores
// and barriers with the program's threads, and each kind waits for the other.
#include "../help.h"

#include <dlfcn.h>
#include <semaphore.h>

typedef int create_fn(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

enum { kPairs = 3, kTimes = 300, kAll = 2 * kPairs };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t full, empty;
static long sum, shared;
static int turn;

static void* works(void* arg) {
  int me = (int)(intptr_t)arg;
  for (int i = 0; i < kTimes; i++) {
    CHECK_OK(pthread_mutex_lock(&lock));
    long was = sum;
    if (i % 32 == 0) sched_yield();
    sum = was + 1;
    CHECK_OK(pthread_mutex_unlock(&lock));
    CHECK_OK(pthread_rwlock_wrlock(&rw));
    shared++;
    CHECK_OK(pthread_rwlock_unlock(&rw));
    CHECK_OK(pthread_rwlock_rdlock(&rw));
    CHECK(shared > 0);
    CHECK_OK(pthread_rwlock_unlock(&rw));
  }
  // Round and round: kinds alternate.
  for (int round = 0; round < 20; round++) {
    CHECK_OK(pthread_mutex_lock(&lock));
    while (turn % kAll != me) CHECK_OK(pthread_cond_wait(&changed, &lock));
    turn++;
    CHECK_OK(pthread_cond_broadcast(&changed));
    CHECK_OK(pthread_mutex_unlock(&lock));
  }
  int r = pthread_barrier_wait(&barrier);
  CHECK(r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD);
  for (int i = 0; i < 100; i++) {
    CHECK_OK(sem_wait(me % 2 == 0 ? &full : &empty));
    CHECK_OK(sem_post(me % 2 == 0 ? &empty : &full));
  }
  return arg;
}

int main(void) {
  void* libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  CHECK(libc != NULL);
  create_fn* create = (create_fn*)dlsym(libc, "pthread_create");
  CHECK(create != NULL);
  pthread_barrier_init(&barrier, NULL, kAll);
  sem_init(&full, 0, 0);
  sem_init(&empty, 0, kPairs);
  pthread_t t[kAll];
  CHECK_OK(create(&t[1], NULL, works, (void*)1));
  for (intptr_t i = 0; i < kAll; i++) {
    if (i % 2 == 0) t[i] = THREAD(works, (void*)i);
    if (i % 2 == 1 && i > 1) CHECK_OK(create(&t[i], NULL, works, (void*)i));
  }
  for (intptr_t i = 0; i < kAll; i++) CHECK(JOIN(t[i]) == (void*)i);
  CHECK_EQ(sum, kAll * kTimes);
  CHECK_EQ(shared, kAll * kTimes);
  return 0;
}
