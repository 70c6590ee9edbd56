// covers: pthread_cancel pthread_mutex_lock
// A thread blocked in pthread_mutex_lock is not cancelled there but at its next cancellation point.
#include "../help.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int passed;

static void* body(void* arg) {
  pthread_mutex_lock(&m);
  passed++;
  pthread_mutex_unlock(&m);
  pthread_testcancel();
  passed = -100;
  return arg;
}

int main(void) {
  for (int i = 0; i < 5; i++) {
    pthread_mutex_lock(&m);
    pthread_t t = THREAD(body, NULL);
    sleep_ms(3);
    CHECK_OK(pthread_cancel(t));
    sleep_ms(2);
    CHECK_RET(pthread_tryjoin_np(t, NULL), EBUSY);
    pthread_mutex_unlock(&m);
    CHECK(JOIN(t) == PTHREAD_CANCELED);
    CHECK_EQ(passed, i + 1);
  }
  return 0;
}
