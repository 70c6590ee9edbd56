// covers: sem_timedwait sem_clockwait sem_post
// Timed waits that are posted to in time return 0 before their deadline.
#include "../help.h"

#include <semaphore.h>

static sem_t sem;

static void* body(void* arg) {
  clockid_t clock = arg ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  struct timespec at = deadline_ms(clock, 20000);
  if (arg)
    CHECK_OK(sem_clockwait(&sem, clock, &at));
  else
    CHECK_OK(sem_timedwait(&sem, &at));
  CHECK(!past(clock, at));
  return NULL;
}

int main(void) {
  pthread_t t[20];
  CHECK_OK(sem_init(&sem, 0, 5));
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i % 2));
  sleep_ms(5);
  for (int i = 0; i < 15; i++) CHECK_OK(sem_post(&sem));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK_ERRNO(sem_trywait(&sem), EAGAIN);
  return 0;
}
