// How late threads that sleep 10 ms at a time wake beside some that only compute.
//
//   hog [SLEEPERS] [SECONDS] [HOGS]
#include <stdatomic.h>

#include "micro.h"

enum {
  kSleep = 10000000,
  kSlot = 10000,
  kSlots = 100000
};  // of 10 microseconds each, to one second

static atomic_bool stop;
static atomic_long late[kSlots];

static void* computes(void* arg) {
  int64_t end = now_ns() + *(long*)arg * 1000000000LL;
  volatile unsigned long x = 1;
  // Looks at the clock now and then, which is no system call.
  while (now_ns() < end) {
    for (int i = 0; i < 100000; i++) x = x * 31 + 7;
  }
  return NULL;
}

static void* sleeps(void* arg) {
  struct timespec t = {0, kSleep};
  while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
    int64_t start = now_ns();
    nanosleep(&t, NULL);
    int64_t slot = (now_ns() - start - kSleep) / kSlot;
    atomic_fetch_add_explicit(&late[slot < 0        ? 0
                                    : slot < kSlots ? slot
                                                    : kSlots - 1],
                              1, memory_order_relaxed);
  }
  return arg;
}

// The milliseconds that a share of all sleeps was late at most.
static double percentile(long all, double share) {
  long seen = 0;
  int slot = 0;
  while (slot < kSlots - 1 && (double)(seen += late[slot]) < (double)all * share) slot++;
  return (double)slot * kSlot / 1e6;
}

int main(int argc, char** argv) {
  long sleepers = argument(argc, argv, 1, 1000), seconds = argument(argc, argv, 2, 2),
       hogs = argument(argc, argv, 3, 1);
  pthread_t* t = calloc((size_t)(sleepers + hogs), sizeof *t);
  if (!t) return 1;
  for (long i = 0; i < sleepers; i++) must_create(&t[i], sleeps, NULL);
  for (long i = 0; i < hogs; i++) must_create(&t[sleepers + i], computes, &seconds);
  for (long i = 0; i < hogs; i++) pthread_join(t[sleepers + i], NULL);
  atomic_store(&stop, true);
  for (long i = 0; i < sleepers; i++) pthread_join(t[i], NULL);
  long all = 0;
  for (int i = 0; i < kSlots; i++) all += late[i];
  emit("hog_sleeps", (double)all, "sleeps");
  emit("hog_late_p50", percentile(all, 0.5), "ms");
  emit("hog_late_p99", percentile(all, 0.99), "ms");
  emit("hog_late_max", percentile(all, 1), "ms");
  return 0;
}
