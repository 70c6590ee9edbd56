// Nanoseconds for each sched_yield with 1, 2, 16 and 1,000 threads doing nothing else: a bare
// switch. With more than one processor the time is that of all of them: wall-clock time over yields
// of all threads.
//
//   yield [YIELDS]
#include <sched.h>
#include <stdatomic.h>

#include "micro.h"

static atomic_long left;

static void* yielder(void* arg) {
  (void)arg;
  while (atomic_fetch_sub_explicit(&left, 64, memory_order_relaxed) > 0) {
    for (int i = 0; i < 64; i++) sched_yield();
  }
  return NULL;
}

int main(int argc, char** argv) {
  long yields = argument(argc, argv, 1, 400000);
  static const int kThreads[] = {1, 2, 16, 1000};
  static pthread_t threads[1000];
  for (int k = 0; k < 4; k++) {
    char name[32];
    atomic_store(&left, yields);
    int64_t start = now_ns();
    for (int i = 0; i < kThreads[k]; i++) must_create(&threads[i], yielder, NULL);
    for (int i = 0; i < kThreads[k]; i++) pthread_join(threads[i], NULL);
    snprintf(name, sizeof name, "yield_%d", kThreads[k]);
    emit(name, (double)(now_ns() - start) / (double)yields, "ns");
  }
  return 0;
}
