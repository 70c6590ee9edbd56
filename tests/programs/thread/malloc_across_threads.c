// covers: malloc free realloc
// Memory made in one thread is used and freed in another, with blocking between, by 16 threads.
#include "../help.h"

enum { kThreads = 16, kRounds = 200 };
static char* slots[kThreads];
static pthread_barrier_t all;

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  unsigned seed = (unsigned)i;
  for (int r = 0; r < kRounds; r++) {
    size_t size = 8 + (size_t)rand_r(&seed) % (r % 20 == 0 ? 200000 : 2000);
    char* p = malloc(size);
    CHECK(p);
    memset(p, (int)i, size);
    p = realloc(p, size + 100);
    memset(p + size, (int)i, 100);
    *(size_t*)p = size + 100;
    slots[i] = p;
    pthread_barrier_wait(&all);
    intptr_t from = (i + 1) % kThreads;
    char* theirs = slots[from];
    size_t n = *(size_t*)theirs;
    CHECK_EQ(theirs[n - 1], from);
    CHECK_EQ(theirs[8], from);
    free(theirs);
    pthread_barrier_wait(&all);
  }
  return NULL;
}

int main(void) {
  pthread_t t[kThreads];
  pthread_barrier_init(&all, NULL, kThreads);
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < kThreads; i++) JOIN(t[i]);
  return 0;
}
