// covers: dlopen pthread_mutex_lock pthread_rwlock_rdlock sem_wait usleep
// link: -ldl
// also: GOSHIM_DISABLE=1
// The message of a failed dlopen() is still there after calls that have nothing to do with it.
#include <dlfcn.h>
#include <semaphore.h>

#include "../help.h"

static void* fails(void* arg) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
  sem_t sem;
  CHECK(dlopen("/nowhere/no.so", RTLD_NOW) == NULL);
  CHECK_OK(pthread_mutex_lock(&mutex));
  CHECK_OK(pthread_mutex_unlock(&mutex));
  CHECK_OK(pthread_rwlock_rdlock(&rwlock));
  CHECK_OK(pthread_rwlock_unlock(&rwlock));
  CHECK_OK(sem_init(&sem, 0, 1));
  CHECK_OK(sem_wait(&sem));
  CHECK_OK(usleep(10));
  const char* message = dlerror();
  CHECK(message != NULL && strstr(message, "/nowhere/no.so") != NULL);
  CHECK(dlerror() == NULL);
  return arg;
}

int main(void) {
  fails(NULL);
  JOIN(THREAD(fails, NULL));
  fails(NULL);
  return 0;
}
