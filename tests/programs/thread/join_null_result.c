// covers: pthread_join pthread_exit
// pthread_join takes a null result pointer; pthread_exit from a nested call gives the value.
#include "../help.h"

static int ran;

static __attribute__((noinline)) void leave(int n) {
  __atomic_fetch_add(&ran, 1, __ATOMIC_SEQ_CST);
  if (n >= 0) pthread_exit((void*)77L);
}

static __attribute__((noinline)) void deep(int n) {
  if (n == 0) {
    leave(n);
  } else {
    deep(n - 1);
  }
  ran = -1000;
}

static void* body(void* arg) {
  deep((int)(intptr_t)arg);
  return NULL;
}

int main(void) {
  pthread_t a = THREAD(body, (void*)0L);
  pthread_t b = THREAD(body, (void*)20L);
  CHECK_OK(pthread_join(a, NULL));
  CHECK_EQ((intptr_t)JOIN(b), 77);
  CHECK_EQ(ran, 2);
  return 0;
}
