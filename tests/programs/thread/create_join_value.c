// covers: pthread_create pthread_join
// 100 threads each get their own argument and hand back their own value.
#include "../help.h"

enum { kThreads = 100 };

static void* body(void* arg) { return (void*)((intptr_t)arg * 3 + 1); }

int main(void) {
  pthread_t t[kThreads];
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  for (intptr_t i = kThreads - 1; i >= 0; i--) CHECK_EQ((intptr_t)JOIN(t[i]), i * 3 + 1);
  for (intptr_t i = 0; i < 300; i++) {
    pthread_t one = THREAD(body, (void*)i);
    CHECK_EQ((intptr_t)JOIN(one), i * 3 + 1);
  }
  return 0;
}
