// covers: pthread_setattr_default_np
// Defaults that are changed between two threads hold for the later ones: stack size, guard, CPU set.
#include "../help.h"

#include <sched.h>

struct Want {
  size_t stack, guard;
  int cpus;
};

static void* body(void* p) {
  struct Want* w = p;
  pthread_attr_t attr;
  size_t size, guard;
  cpu_set_t set;
  CHECK_OK(pthread_getattr_np(pthread_self(), &attr));
  CHECK_OK(pthread_attr_getstacksize(&attr, &size));
  CHECK_OK(pthread_attr_getguardsize(&attr, &guard));
  pthread_attr_destroy(&attr);
  // Libc may give it a larger one that it has already.
  CHECK(size >= w->stack - (64 << 10));
  CHECK_EQ(guard, w->guard);
  CHECK_OK(pthread_getaffinity_np(pthread_self(), sizeof set, &set));
  CHECK_EQ(CPU_COUNT(&set), w->cpus);
  return NULL;
}

int main(void) {
  pthread_attr_t attr;
  cpu_set_t set;
  struct Want w = {0, 4096, 0};
  CHECK_OK(pthread_getattr_default_np(&attr));
  CHECK_OK(pthread_attr_getstacksize(&attr, &w.stack));
  CHECK_OK(pthread_getaffinity_np(pthread_self(), sizeof set, &set));
  w.cpus = CPU_COUNT(&set);
  JOIN(THREAD(body, &w));
  CHECK_OK(pthread_attr_setstacksize(&attr, w.stack = 3 << 20));
  CHECK_OK(pthread_attr_setguardsize(&attr, w.guard = 64 << 10));
  CHECK_OK(pthread_setattr_default_np(&attr));
  JOIN(THREAD(body, &w));
  CHECK_OK(pthread_attr_setstacksize(&attr, w.stack = 5 << 20));
  int cpu = 0;
  while (!CPU_ISSET(cpu, &set)) cpu++;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  CHECK_OK(pthread_attr_setaffinity_np(&attr, sizeof set, &set));
  CHECK_OK(pthread_setattr_default_np(&attr));
  w.cpus = 1;
  JOIN(THREAD(body, &w));
  pthread_attr_destroy(&attr);
  return 0;
}
