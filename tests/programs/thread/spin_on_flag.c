// covers: pthread_create sched_yield
// 8 threads that spin on a flag, first without any call, then with sched_yield, do not keep those that set the flags from running.
// Prints what each took in milliseconds.
#include "../help.h"

#include <sched.h>

enum { kSpinners = 8 };

struct Flag {
  volatile int set;
  int yields;
};

static void* spins(void* arg) {
  struct Flag* flag = arg;
  while (!flag->set) {
    if (flag->yields) sched_yield();
  }
  return arg;
}

static void* sets(void* arg) {
  sleep_ms(20);
  ((struct Flag*)arg)->set = 1;
  return arg;
}

static void run(const char* name, int yields) {
  static struct Flag flags[kSpinners];
  pthread_t t[kSpinners * 2];
  long long start = now_ns();
  for (int i = 0; i < kSpinners; i++) {
    flags[i] = (struct Flag){0, yields};
    t[i] = THREAD(spins, &flags[i]);
  }
  for (int i = 0; i < kSpinners; i++) t[kSpinners + i] = THREAD(sets, &flags[i]);
  for (int i = 0; i < kSpinners * 2; i++) CHECK(JOIN(t[i]) == &flags[i % kSpinners]);
  printf("%s %.1f ms\n", name, (double)(now_ns() - start) / 1e6);
}

int main(void) {
  run("spin_on_flag", 0);
  run("spin_and_yield", 1);
  return 0;
}
