// covers: pthread_setcancelstate pthread_cancel pthread_testcancel
// A thread that has disabled cancellation finishes its blocking calls and is cancelled when it
// enables it again.
#include "../help.h"

#include <semaphore.h>

static sem_t ready, go;
static int finished, p[2];

static void* body(void* arg) {
  int old = -1;
  char c;
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_ENABLE);
  sem_post(&ready);
  CHECK_EQ(read(p[0], &c, 1), 1);
  CHECK_OK(sem_wait(&go));
  sleep_ms(2);
  pthread_testcancel();
  finished++;
  CHECK_OK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old));
  CHECK_EQ(old, PTHREAD_CANCEL_DISABLE);
  pthread_testcancel();
  finished = -100;
  return arg;
}

int main(void) {
  CHECK_OK(pipe(p));
  sem_init(&ready, 0, 0);
  sem_init(&go, 0, 0);
  for (int i = 0; i < 5; i++) {
    pthread_t t = THREAD(body, NULL);
    sem_wait(&ready);
    sleep_ms(1);
    CHECK_OK(pthread_cancel(t));
    sleep_ms(1);
    CHECK_RET(pthread_tryjoin_np(t, NULL), EBUSY);
    write_all(p[1], "x", 1);
    sem_post(&go);
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    CHECK_EQ(finished, i + 1);
  }
  return 0;
}
