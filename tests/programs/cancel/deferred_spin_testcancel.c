// covers: pthread_testcancel pthread_cancel
// Deferred cancellation does nothing to a thread that only computes, until it calls
// pthread_testcancel.
#include "../help.h"

static int may_test, rounds;

static void* body(void* arg) {
  for (;;) {
    __atomic_add_fetch(&rounds, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&may_test, __ATOMIC_SEQ_CST)) pthread_testcancel();
  }
  return arg;
}

int main(void) {
  pthread_t t = THREAD(body, NULL);
  while (__atomic_load_n(&rounds, __ATOMIC_SEQ_CST) == 0) sleep_ms(1);
  CHECK_OK(pthread_cancel(t));
  int before = __atomic_load_n(&rounds, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&rounds, __ATOMIC_SEQ_CST) - before < 1000) sleep_ms(1);
  CHECK_RET(pthread_tryjoin_np(t, NULL), EBUSY);
  __atomic_store_n(&may_test, 1, __ATOMIC_SEQ_CST);
  CHECK(JOIN(t) == PTHREAD_CANCELED);
  return 0;
}
