// covers: pthread_once
// The routine runs once though 50 threads ask at once, and nobody returns before it has ended.
#include "../help.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int calls, ready;

static void init(void) {
  calls++;
  sleep_ms(20);
  __atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  CHECK_OK(pthread_once(&once, init));
  CHECK_EQ(__atomic_load_n(&ready, __ATOMIC_SEQ_CST), 1);
  return arg;
}

int main(void) {
  pthread_t t[50];
  for (int i = 0; i < 50; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 50; i++) JOIN(t[i]);
  CHECK_EQ(calls, 1);
  CHECK_OK(pthread_once(&once, init));
  CHECK_EQ(calls, 1);
  return 0;
}
