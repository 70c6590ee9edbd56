// covers: pthread_join
// Any thread may join any other: a chain in which each joins the one before, and one that joins
// main.
#include "../help.h"

enum { kThreads = 50 };
static pthread_t t[kThreads], main_thread;

static void* body(void* arg) {
  intptr_t i = (intptr_t)arg;
  if (i == 0) {
    sleep_ms(5);
    return (void*)1L;
  }
  return (void*)((intptr_t)JOIN(t[i - 1]) + 1);
}

static void* joins_main(void* arg) {
  (void)arg;
  CHECK(JOIN(main_thread) == &main_thread);
  _exit(0);
}

int main(void) {
  for (intptr_t i = 0; i < kThreads; i++) t[i] = THREAD(body, (void*)i);
  CHECK_EQ((intptr_t)JOIN(t[kThreads - 1]), kThreads);
  main_thread = pthread_self();
  THREAD(joins_main, NULL);
  pthread_exit(&main_thread);
}
