// covers: clock_gettime pthread_getcpuclockid getrusage
// A thread's CPU clock counts its own work and not the others', and grows while it computes.
#include "../help.h"

#include <sys/resource.h>

static long long cpu_ns(clockid_t clock) {
  struct timespec ts;
  CHECK_OK(clock_gettime(clock, &ts));
  return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void* works(void* arg) {
  long long start = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
  clockid_t mine;
  CHECK_OK(pthread_getcpuclockid(pthread_self(), &mine));
  volatile unsigned x = 0;
  while (cpu_ns(CLOCK_THREAD_CPUTIME_ID) < start + 30000000) x++;
  CHECK(cpu_ns(mine) >= start + 30000000);
  return arg;
}

static void* sleeps(void* arg) {
  long long start = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < 10; i++) sleep_ms(2);
  CHECK(cpu_ns(CLOCK_THREAD_CPUTIME_ID) - start < 20000000);
  return arg;
}

int main(void) {
  pthread_t t[4];
  long long start = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < 4; i++) t[i] = THREAD(i % 2 ? sleeps : works, NULL);
  for (int i = 0; i < 4; i++) JOIN(t[i]);
  CHECK(cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - start >= 60000000);
  return 0;
}
