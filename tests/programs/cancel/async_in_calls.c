// covers: pthread_cancel pthread_setcanceltype
// Asynchronous cancellation reaches a thread that is in calls nearly all the time, none of them a cancellation point.
#include "../help.h"

#include <semaphore.h>

static sem_t ready, turns;

static void* body(void* arg) {
  int old;
  CHECK_OK(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old));
  sem_post(&ready);
  for (;;) sem_post(&turns), sem_trywait(&turns);
  return arg;
}

int main(void) {
  sem_init(&ready, 0, 0);
  sem_init(&turns, 0, 0);
  for (int i = 0; i < 20; i++) {
    pthread_t t = THREAD(body, NULL);
    sem_wait(&ready);
    CHECK_OK(pthread_cancel(t));
    CHECK(JOIN(t) == PTHREAD_CANCELED);
  }
  return 0;
}
