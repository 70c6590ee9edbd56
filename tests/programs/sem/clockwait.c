// covers: sem_clockwait
// clockwait counts on the monotonic and the realtime clock and refuses a CPU-time clock.
#include "../help.h"

#include <semaphore.h>

static sem_t sem;

static void* body(void* arg) {
  clockid_t clock = (clockid_t)(intptr_t)arg;
  struct timespec at = deadline_ms(clock, 20);
  CHECK_ERRNO(sem_clockwait(&sem, clock, &at), ETIMEDOUT);
  CHECK(past(clock, at));
  CHECK_ERRNO(sem_clockwait(&sem, CLOCK_PROCESS_CPUTIME_ID, &at), EINVAL);
  return NULL;
}

int main(void) {
  CHECK_OK(sem_init(&sem, 0, 0));
  pthread_t a = THREAD(body, (void*)(intptr_t)CLOCK_MONOTONIC);
  pthread_t b = THREAD(body, (void*)(intptr_t)CLOCK_REALTIME);
  JOIN(a);
  JOIN(b);
  return 0;
}
