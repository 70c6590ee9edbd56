// covers: pthread_cancel pthread_cleanup_push pthread_cleanup_pop pthread_testcancel
// On cancellation the handlers run last first, then the key destructors, and state changes hold
// meanwhile.
#include "../help.h"

#include <semaphore.h>

static char order[32];
static sem_t ready;
static pthread_key_t key;

static void note(void* what) {
  strcat(order, (const char*)what);
  sleep_ms(1); /* cancellation points in handlers do no harm */
}

static void* body(void* arg) {
  pthread_setspecific(key, "k");
  pthread_cleanup_push(note, "a");
  pthread_cleanup_push(note, "b");
  pthread_cleanup_push(note, "x");
  pthread_cleanup_pop(0);
  pthread_cleanup_push(note, "c");
  sem_post(&ready);
  for (;;) pause();
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return arg;
}

int main(void) {
  sem_init(&ready, 0, 0);
  CHECK_OK(pthread_key_create(&key, note));
  for (int i = 0; i < 5; i++) {
    order[0] = 0;
    pthread_t t = THREAD(body, NULL);
    sem_wait(&ready);
    if (i % 2) sleep_ms(2);
    CHECK_OK(pthread_cancel(t));
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    CHECK_STR(order, "cbak");
  }
  return 0;
}
