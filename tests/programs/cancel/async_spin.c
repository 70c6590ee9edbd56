// covers: pthread_setcanceltype pthread_cancel
// A thread with asynchronous cancellation that spins without any call can be cancelled.
#include "../help.h"

#include <semaphore.h>

static sem_t ready;
static int cleaned;

static void count(void* arg) {
  (void)arg;
  cleaned++;
}

static void* body(void* arg) {
  int old = -1;
  volatile unsigned long x = 0;
  pthread_cleanup_push(count, NULL);
  CHECK_OK(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_DEFERRED);
  sem_post(&ready);
  for (;;) x++;
  pthread_cleanup_pop(0);
  return arg;
}

int main(void) {
  sem_init(&ready, 0, 0);
  for (int i = 0; i < 4; i++) {
    pthread_t t = THREAD(body, NULL);
    sem_wait(&ready);
    if (i % 2) sleep_ms(5);
    CHECK_OK(pthread_cancel(t));
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    CHECK_EQ(cleaned, i + 1);
  }
  return 0;
}
