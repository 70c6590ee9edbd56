// covers: pthread_detach pthread_attr_setdetachstate sem_post sem_wait
// Threads detached by attribute, by their creator, or by themselves all run to their end.
#include "../help.h"

#include <semaphore.h>

static sem_t done;
static int count;

static void* body(void* arg) {
  if (arg) CHECK_OK(pthread_detach(pthread_self()));
  sleep_ms(2);
  __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
  sem_post(&done);
  return NULL;
}

int main(void) {
  pthread_attr_t attr;
  CHECK_OK(pthread_attr_init(&attr));
  CHECK_OK(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
  sem_init(&done, 0, 0);
  for (int i = 0; i < 90; i++) {
    pthread_t t;
    CHECK_OK(pthread_create(&t, i % 3 == 0 ? &attr : NULL, body, i % 3 == 1 ? &count : NULL));
    if (i % 3 == 2) CHECK_OK(pthread_detach(t));
  }
  for (int i = 0; i < 90; i++) CHECK_OK(sem_wait(&done));
  CHECK_EQ(count, 90);
  CHECK_OK(pthread_attr_destroy(&attr));
  return 0;
}
