// covers: pthread_create nanosleep
// While two threads compute without pause, sleeping threads get on with their rounds.
#include "../help.h"

static int stop;

static void* computes(void* arg) {
  volatile unsigned long x = 1;
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) x = x * 31 + 7;
  return arg;
}

static void* sleeps(void* arg) {
  for (int i = 0; i < 10; i++) sleep_ms(2);
  return arg;
}

int main(void) {
  pthread_t hogs[2], t[50];
  for (int i = 0; i < 2; i++) hogs[i] = THREAD(computes, &stop);
  for (int i = 0; i < 50; i++) t[i] = THREAD(sleeps, &stop);
  for (int i = 0; i < 50; i++) CHECK(JOIN(t[i]) == &stop);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 2; i++) CHECK(JOIN(hogs[i]) == &stop);
  return 0;
}
