// covers: pthread_tryjoin_np
// tryjoin says EBUSY while the thread lives and takes its result once it has ended.
#include "../help.h"

#include <semaphore.h>

static sem_t go;

static void* body(void* arg) {
  sem_wait(&go);
  return arg;
}

int main(void) {
  int x;
  sem_init(&go, 0, 0);
  pthread_t t = THREAD(body, &x);
  void* result = NULL;
  CHECK_RET(pthread_tryjoin_np(t, &result), EBUSY);
  sleep_ms(5);
  CHECK_RET(pthread_tryjoin_np(t, &result), EBUSY);
  CHECK(result == NULL);
  sem_post(&go);
  int error;
  while ((error = pthread_tryjoin_np(t, &result)) == EBUSY) sleep_ms(1);
  CHECK_EQ(error, 0);
  CHECK(result == &x);
  return 0;
}
