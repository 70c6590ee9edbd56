// Nanoseconds to create and join a thread that does nothing: one after the other, and in batches of
// 100 and 1,000.
//
//   create [THREADS]
#include "micro.h"

static void* nothing(void* arg) { return arg; }

static void batch(const char* name, long total, long size) {
  static pthread_t threads[1000];
  int64_t start = now_ns();
  for (long done = 0; done < total; done += size) {
    for (long i = 0; i < size; i++) must_create(&threads[i], nothing, NULL);
    for (long i = 0; i < size; i++) pthread_join(threads[i], NULL);
  }
  emit(name, (double)(now_ns() - start) / (double)total, "ns");
}

int main(int argc, char** argv) {
  long total = argument(argc, argv, 1, 20000);
  batch("create_join_cold", 1000, 1000);  // the first threads of a process: no stack is warm yet
  batch("create_join", total, 1);
  batch("create_join_batch100", total, 100);
  batch("create_join_batch1000", total, 1000);
  return 0;
}
