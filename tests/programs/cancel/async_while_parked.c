// covers: pthread_cancel pthread_setcanceltype
// Asynchronous cancellation ends a wait that is no cancellation point: for a mutex, a read-write lock, a barrier.
#include "../help.h"

#include <semaphore.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t b;
static sem_t ready;
static int cleaned;

static void clean(void* arg) { ++*(int*)arg; }

static void* body(void* arg) {
  int old;
  CHECK_OK(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old));
  pthread_cleanup_push(clean, &cleaned);
  sem_post(&ready);
  switch ((int)(intptr_t)arg) {
    case 0:
      pthread_mutex_lock(&m);
      break;
    case 1:
      pthread_rwlock_rdlock(&rw);
      break;
    case 2:
      pthread_rwlock_wrlock(&rw);
      break;
    case 3:
      pthread_barrier_wait(&b);
      break;
  }
  CHECK(!"not cancelled");
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  CHECK_OK(sem_init(&ready, 0, 0));
  CHECK_OK(pthread_mutex_lock(&m));
  CHECK_OK(pthread_rwlock_wrlock(&rw));
  for (int i = 0; i < 24; i++) {
    CHECK_OK(pthread_barrier_init(&b, NULL, 2));
    pthread_t t = THREAD(body, (void*)(intptr_t)(i % 4));
    sem_wait(&ready);
    // Some are cancelled on their way in, some asleep.
    if (i % 8 < 4) usleep(2000);
    CHECK_OK(pthread_cancel(t));
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    CHECK(cleaned == i + 1);
  }
  // Nobody of them left anything in the locks.
  CHECK_OK(pthread_mutex_unlock(&m));
  CHECK_OK(pthread_rwlock_unlock(&rw));
  CHECK_OK(pthread_mutex_lock(&m));
  CHECK_OK(pthread_rwlock_rdlock(&rw));
  return 0;
}
