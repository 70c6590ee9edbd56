// Threads that only compute: milliseconds for all of them together.
//
//   compute [THREADS] [MILLIONS OF STEPS IN ALL]
#include "micro.h"

static long steps;

static void* computes(void* arg) {
  uint64_t x = (uint64_t)(intptr_t)arg + 1;
  for (long i = 0; i < steps; i++) x = x * 6364136223846793005ULL + 1442695040888963407ULL;
  return (void*)(uintptr_t)x;
}

int main(int argc, char** argv) {
  long threads = argument(argc, argv, 1, 8);
  steps = argument(argc, argv, 2, 800) * 1000000 / threads;
  pthread_t* t = calloc((size_t)threads, sizeof *t);
  if (!t) return 1;
  uintptr_t sum = 0;
  int64_t start = now_ns();
  for (long i = 0; i < threads; i++) must_create(&t[i], computes, (void*)i);
  for (long i = 0; i < threads; i++) {
    void* x;
    pthread_join(t[i], &x);
    sum += (uintptr_t)x;
  }
  emit("compute", (double)(now_ns() - start) / 1e6, "ms");
  return sum == 1;  // so that the work is not left out
}
