// covers: sched_yield nanosleep
// Threads that do nothing but yield do not keep sleepers or pipe readers from coming back.
#include "../help.h"

static int stop, p[2];

static void* yields(void* arg) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) sched_yield();
  return arg;
}

static void* reads(void* arg) {
  char c;
  for (int i = 0; i < 10; i++) CHECK_EQ(read(p[0], &c, 1), 1);
  return arg;
}

static void* writes(void* arg) {
  for (int i = 0; i < 10; i++) {
    sleep_ms(1);
    write_all(p[1], "x", 1);
  }
  return arg;
}

int main(void) {
  pthread_t y[4];
  CHECK_OK(pipe(p));
  for (int i = 0; i < 4; i++) y[i] = THREAD(yields, NULL);
  pthread_t r = THREAD(reads, &p), w = THREAD(writes, &p);
  CHECK(JOIN(r) == &p);
  CHECK(JOIN(w) == &p);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 4; i++) JOIN(y[i]);
  return 0;
}
