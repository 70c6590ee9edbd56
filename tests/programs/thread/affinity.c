// covers: pthread_setaffinity_np pthread_getaffinity_np sched_getaffinity sched_getcpu
// covers: pthread_attr_setaffinity_np
// A thread bound to one CPU says so, runs there, keeps it across blocking, and others keep their
// own set.
#include "../help.h"

#include <sched.h>

static int cpu;

static void bound(void) {
  cpu_set_t set;
  CHECK_OK(pthread_getaffinity_np(pthread_self(), sizeof set, &set));
  CHECK_EQ(CPU_COUNT(&set), 1);
  CHECK(CPU_ISSET(cpu, &set));
  CHECK_OK(sched_getaffinity(0, sizeof set, &set));
  CHECK_EQ(CPU_COUNT(&set), 1);
  for (int i = 0; i < 5; i++) {
    sleep_ms(1);
    CHECK_EQ(sched_getcpu(), cpu);
  }
}

static void* binds(void* arg) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  CHECK_OK(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
  bound();
  return arg;
}

static void* is_bound(void* arg) {
  bound();
  return arg;
}

int main(void) {
  cpu_set_t all, now;
  CHECK_OK(sched_getaffinity(0, sizeof all, &all));
  while (!CPU_ISSET(cpu, &all)) cpu++;
  JOIN(THREAD(binds, NULL));
  pthread_attr_t attr;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  pthread_attr_init(&attr);
  CHECK_OK(pthread_attr_setaffinity_np(&attr, sizeof one, &one));
  pthread_t t;
  CHECK_OK(pthread_create(&t, &attr, is_bound, NULL));
  JOIN(t);
  CHECK_OK(pthread_getaffinity_np(pthread_self(), sizeof now, &now));
  CHECK(CPU_EQUAL(&all, &now));
  return 0;
}
