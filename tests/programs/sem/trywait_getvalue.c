// covers: sem_trywait sem_getvalue sem_init
// trywait takes what is there and then says EAGAIN; getvalue follows; waiters never make it
// negative.
#include "../help.h"

#include <semaphore.h>

static sem_t sem;

static void* waits(void* arg) {
  CHECK_OK(sem_wait(&sem));
  return arg;
}

static int value(void) {
  int v = -1;
  CHECK_OK(sem_getvalue(&sem, &v));
  return v;
}

int main(void) {
  CHECK_OK(sem_init(&sem, 0, 3));
  for (int i = 3; i > 0; i--) {
    CHECK_EQ(value(), i);
    CHECK_OK(sem_trywait(&sem));
  }
  CHECK_ERRNO(sem_trywait(&sem), EAGAIN);
  pthread_t t[4];
  for (int i = 0; i < 4; i++) t[i] = THREAD(waits, NULL);
  sleep_ms(5);
  CHECK_EQ(value(), 0);
  for (int i = 0; i < 6; i++) CHECK_OK(sem_post(&sem));
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  CHECK_EQ(value(), 2);
  return 0;
}
