// covers: pthread_cond_signal pthread_cond_broadcast pthread_cond_timedwait
// A signal or broadcast that finds no waiter is not remembered for a later one.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void* body(void* arg) {
  for (int i = 0; i < 10; i++) {
    CHECK_OK(pthread_cond_signal(&c));
    CHECK_OK(pthread_cond_broadcast(&c));
  }
  return arg;
}

int main(void) {
  int timeouts = 0;
  JOIN(THREAD(body, NULL));
  for (int i = 0; i < 5; i++) {
    pthread_mutex_lock(&m);
    struct timespec at = deadline_ms(CLOCK_REALTIME, 10);
    int error = pthread_cond_timedwait(&c, &m, &at);
    CHECK(error == ETIMEDOUT || error == 0);
    timeouts += error == ETIMEDOUT;
    pthread_mutex_unlock(&m);
  }
  CHECK(timeouts >= 4); /* one wake-up without cause is allowed */
  return 0;
}
