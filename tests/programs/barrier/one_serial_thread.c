// covers: pthread_barrier_init pthread_barrier_wait pthread_barrier_destroy
// Each round of a barrier gives PTHREAD_BARRIER_SERIAL_THREAD to exactly one thread and lets none
// pass early.
#include "../help.h"

enum { kThreads = 20, kRounds = 50 };
static pthread_barrier_t bar;
static int arrived[kRounds], serial[kRounds];

static void* body(void* arg) {
  for (int r = 0; r < kRounds; r++) {
    if (((intptr_t)arg + r) % 37 == 0) sleep_ms(1);
    __atomic_fetch_add(&arrived[r], 1, __ATOMIC_SEQ_CST);
    int result = pthread_barrier_wait(&bar);
    CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
    CHECK_EQ(__atomic_load_n(&arrived[r], __ATOMIC_SEQ_CST), kThreads);
    if (result) __atomic_fetch_add(&serial[r], 1, __ATOMIC_SEQ_CST);
  }
  return NULL;
}

int main(void) {
  pthread_t t[kThreads];
  CHECK_OK(pthread_barrier_init(&bar, NULL, kThreads));
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  for (int r = 0; r < kRounds; r++) CHECK_EQ(serial[r], 1);
  CHECK_OK(pthread_barrier_destroy(&bar));
  return 0;
}
