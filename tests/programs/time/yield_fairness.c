// covers: sched_yield pthread_yield
// Threads that hand on by sched_yield in a ring all get their turns.
#include "../help.h"

#include <sched.h>

enum { kThreads = 8, kRounds = 100 };
static int turn;

static void* body(void* arg) {
  int me = (int)(intptr_t)arg;
  for (int r = 0; r < kRounds; r++) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != r * kThreads + me) CHECK_OK(sched_yield());
    __atomic_fetch_add(&turn, 1, __ATOMIC_RELEASE);
  }
  return NULL;
}

int main(void) {
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  CHECK_EQ(turn, kThreads * kRounds);
  return 0;
}
