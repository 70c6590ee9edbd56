// covers: sigsetjmp siglongjmp setjmp longjmp
// Jumps within a thread work in many threads at once, with blocking calls between set and jump.
#include "../help.h"

#include <setjmp.h>

static __attribute__((noinline)) void jump_up(sigjmp_buf env, int depth, int value) {
  volatile char pad[300];
  pad[0] = 1;
  if (depth == 0) {
    sleep_ms(1);
    siglongjmp(env, value);
  }
  jump_up(env, depth - 1, value);
  pad[1] = pad[0];
}

static void* body(void* arg) {
  volatile int rounds = 0;
  volatile intptr_t mine = (intptr_t)arg;
  sigjmp_buf env;
  int got = sigsetjmp(env, (int)mine % 2);
  if (got) CHECK_EQ(got, rounds);
  CHECK_EQ(mine, (intptr_t)arg);
  if (rounds < 10) {
    rounds = rounds + 1;
    jump_up(env, 10, rounds);
  }
  jmp_buf plain;
  int k = setjmp(plain);
  if (k < 5) {
    sched_yield();
    longjmp(plain, k + 1);
  }
  return (void*)(intptr_t)(rounds + k);
}

int main(void) {
  pthread_t t[30];
  for (intptr_t i = 0; i < 30; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 30; i++) CHECK_EQ((intptr_t)JOIN(t[i]), 15);
  return 0;
}
