// covers: pthread_cancel pthread_self pthread_testcancel
// A thread cancelled before it runs ends at its first cancellation point; one may cancel itself; an
// ended one takes it.
#include "../help.h"

static int reached;

static void* body(void* arg) {
  sleep_ms(0);
  pthread_testcancel();
  __atomic_add_fetch(&reached, 1, __ATOMIC_SEQ_CST);
  sleep(1000);
  return arg;
}

static void* self(void* arg) {
  CHECK_OK(pthread_cancel(pthread_self()));
  pthread_testcancel();
  __atomic_add_fetch(&reached, 1000, __ATOMIC_SEQ_CST);
  return arg;
}

static void* ends(void* arg) { return arg; }

int main(void) {
  for (int i = 0; i < 50; i++) {
    pthread_t t = THREAD(body, NULL);
    CHECK_OK(pthread_cancel(t));
    CHECK(JOIN(t) == PTHREAD_CANCELED);
  }
  CHECK(reached <= 50);
  CHECK(JOIN(THREAD(self, NULL)) == PTHREAD_CANCELED);
  CHECK(reached <= 50);
  pthread_t t = THREAD(ends, &reached);
  sleep_ms(10);
  CHECK_OK(pthread_cancel(t));
  JOIN(t);
  return 0;
}
