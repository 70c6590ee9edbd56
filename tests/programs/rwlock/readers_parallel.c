// covers: pthread_rwlock_rdlock pthread_rwlock_unlock
// 20 readers hold the lock at the same time: each waits, inside, for all the others.
#include "../help.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t all;

static void* body(void* arg) {
  for (int i = 0; i < 5; i++) {
    CHECK_OK(pthread_rwlock_rdlock(&l));
    pthread_barrier_wait(&all);
    CHECK_OK(pthread_rwlock_unlock(&l));
  }
  return arg;
}

int main(void) {
  pthread_t t[20];
  pthread_barrier_init(&all, NULL, 20);
  for (int i = 0; i < 20; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK_OK(pthread_rwlock_trywrlock(&l));
  CHECK_OK(pthread_rwlock_unlock(&l));
  return 0;
}
