// covers: pthread_create pthread_join
// What malloc keeps for a thread (freed chunks of each small size) comes back when the thread ends, and does not wait for
// the next thread: else the arenas are full of holes.
#include <malloc.h>

#include "../help.h"

enum { kThreads = 64, kSizes = 60, kEach = 7, kRounds = 3 };

static pthread_barrier_t all;

static void* fill_cache(void* arg) {
  void* chunks[kSizes][kEach];
  for (int i = 0; i < kSizes; i++)
    for (int k = 0; k < kEach; k++) CHECK((chunks[i][k] = malloc((size_t)i * 16 + 8)) != NULL);
  for (int i = 0; i < kSizes; i++)
    for (int k = 0; k < kEach; k++) free(chunks[i][k]);
  pthread_barrier_wait(&all);  // all of them live at once
  return arg;
}

int main(void) {
  CHECK(pthread_barrier_init(&all, NULL, kThreads) == 0);
  const size_t before = mallinfo2().uordblks;
  for (int round = 0; round < kRounds; round++) {
    pthread_t threads[kThreads];
    for (intptr_t i = 0; i < kThreads; i++)
      CHECK(pthread_create(&threads[i], NULL, fill_cache, (void*)i) == 0);
    for (intptr_t i = 0; i < kThreads; i++) {
      void* result = NULL;
      CHECK(pthread_join(threads[i], &result) == 0 && result == (void*)i);
    }
    // They had some 200 KB each.
    const size_t after = mallinfo2().uordblks;
    CHECK(after < before + kThreads * 10000);
  }
  return 0;
}
