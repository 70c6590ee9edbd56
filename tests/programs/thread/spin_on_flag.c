// covers: pthread_create
// Threads that spin on a flag without any call do not keep those that set the flags from running.
#include "../help.h"

enum { kSpinners = 4 };
static int flags[kSpinners];

static void* spins(void* arg) {
  int* flag = arg;
  while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE)) {
  }
  return arg;
}

static void* sets(void* arg) {
  sleep_ms(20);
  __atomic_store_n((int*)arg, 1, __ATOMIC_RELEASE);
  return arg;
}

int main(void) {
  pthread_t t[kSpinners * 2];
  for (int i = 0; i < kSpinners; i++) t[i] = THREAD(spins, &flags[i]);
  for (int i = 0; i < kSpinners; i++) t[kSpinners + i] = THREAD(sets, &flags[i]);
  for (int i = 0; i < kSpinners * 2; i++) CHECK(JOIN(t[i]) == &flags[i % kSpinners]);
  return 0;
}
