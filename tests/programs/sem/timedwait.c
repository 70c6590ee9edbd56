// covers: sem_timedwait
// timedwait is never early, takes at once what is there even with a past time, and refuses a bad
// time.
#include "../help.h"

#include <semaphore.h>

static sem_t sem;

static void* body(void* arg) {
  struct timespec at = deadline_ms(CLOCK_REALTIME, 20);
  CHECK_ERRNO(sem_timedwait(&sem, &at), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  struct timespec bad = {1, 1000000000}, old = {1, 0};
  CHECK_ERRNO(sem_timedwait(&sem, &bad), EINVAL);
  CHECK_ERRNO(sem_timedwait(&sem, &old), ETIMEDOUT);
  return arg;
}

int main(void) {
  struct timespec old = {1, 0};
  pthread_t t[8];
  CHECK_OK(sem_init(&sem, 0, 0));
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  CHECK_OK(sem_post(&sem));
  CHECK_OK(sem_timedwait(&sem, &old));
  CHECK_ERRNO(sem_trywait(&sem), EAGAIN);
  return 0;
}
