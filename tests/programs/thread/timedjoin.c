// covers: pthread_timedjoin_np
// timedjoin times out never early, leaves the thread joinable, and later gets its result.
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
  struct timespec at = deadline_ms(CLOCK_REALTIME, 30);
  void* result = NULL;
  CHECK_RET(pthread_timedjoin_np(t, &result, &at), ETIMEDOUT);
  CHECK(past(CLOCK_REALTIME, at));
  struct timespec before = {1, 0};
  CHECK_RET(pthread_timedjoin_np(t, &result, &before), ETIMEDOUT);
  sem_post(&go);
  at = deadline_ms(CLOCK_REALTIME, 20000);
  CHECK_OK(pthread_timedjoin_np(t, &result, &at));
  CHECK(result == &go);
  CHECK(!past(CLOCK_REALTIME, at));
  return 0;
}
