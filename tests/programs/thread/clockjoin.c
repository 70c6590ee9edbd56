// covers: pthread_clockjoin_np
// clockjoin waits on the monotonic or the realtime clock and refuses others.
#include "../help.h"

#include <semaphore.h>

static sem_t go;

static void* body(void* arg) {
  sem_wait(&go);
  return arg;
}

int main(void) {
  sem_init(&go, 0, 0);
  pthread_t t = THREAD(body, &go);
  clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
  for (int i = 0; i < 2; i++) {
    struct timespec at = deadline_ms(clocks[i], 20);
    CHECK_RET(pthread_clockjoin_np(t, NULL, clocks[i], &at), ETIMEDOUT);
    CHECK(past(clocks[i], at));
  }
  struct timespec at = deadline_ms(CLOCK_MONOTONIC, 20000);
  CHECK_RET(pthread_clockjoin_np(t, NULL, CLOCK_PROCESS_CPUTIME_ID, &at), EINVAL);
  sem_post(&go);
  void* result = NULL;
  CHECK_OK(pthread_clockjoin_np(t, &result, CLOCK_MONOTONIC, &at));
  CHECK(result == &go);
  return 0;
}
