// covers: pthread_once
// A once routine may itself use another once, block, and make a thread that uses a third.
#include "../help.h"

static pthread_once_t outer = PTHREAD_ONCE_INIT, inner = PTHREAD_ONCE_INIT;
static pthread_once_t other = PTHREAD_ONCE_INIT;
static int calls;

static void init_other(void) { __atomic_fetch_add(&calls, 100, __ATOMIC_SEQ_CST); }
static void* helper(void* arg) {
  pthread_once(&other, init_other);
  return arg;
}
static void init_inner(void) {
  sleep_ms(2);
  __atomic_fetch_add(&calls, 10, __ATOMIC_SEQ_CST);
}
static void init_outer(void) {
  CHECK_OK(pthread_once(&inner, init_inner));
  CHECK(JOIN(THREAD(helper, &calls)) == &calls);
  __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
}

static void* body(void* arg) {
  pthread_once_t* which[] = {&outer, &inner, &other};
  void (*fn[])(void) = {init_outer, init_inner, init_other};
  int i = (int)(intptr_t)arg % 3;
  CHECK_OK(pthread_once(which[i], fn[i]));
  CHECK_OK(pthread_once(&outer, init_outer));
  CHECK_EQ(__atomic_load_n(&calls, __ATOMIC_SEQ_CST), 111);
  return NULL;
}

int main(void) {
  pthread_t t[30];
  for (intptr_t i = 0; i < 30; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 30; i++) JOIN(t[i]);
  return 0;
}
