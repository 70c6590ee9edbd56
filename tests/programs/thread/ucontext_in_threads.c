// covers: makecontext swapcontext getcontext
// Each of several threads runs coroutines of its own by swapcontext, which block in between.
#include "../help.h"

#include <ucontext.h>

struct co {
  ucontext_t outer, inner;
  int value, done;
};
static __thread struct co* current;

static void run(void) {
  struct co* co = current;
  for (int i = 0; i < 10; i++) {
    co->value += i;
    if (i % 3 == 0) sleep_ms(1);
    CHECK(current == co);
    swapcontext(&co->inner, &co->outer);
  }
  co->done = 1;
}

static void* body(void* arg) {
  struct co co;
  memset(&co, 0, sizeof co);
  char* stack = malloc(256 << 10);
  CHECK_OK(getcontext(&co.inner));
  co.inner.uc_stack.ss_sp = stack;
  co.inner.uc_stack.ss_size = 256 << 10;
  co.inner.uc_link = &co.outer;
  current = &co;
  makecontext(&co.inner, run, 0);
  int resumes = 0;
  while (!co.done) {
    CHECK_OK(swapcontext(&co.outer, &co.inner));
    resumes++;
  }
  CHECK_EQ(resumes, 11);
  CHECK_EQ(co.value, 45);
  free(stack);
  return arg;
}

int main(void) {
  pthread_t t[12];
  for (int i = 0; i < 12; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 12; i++) JOIN(t[i]);
  return 0;
}
