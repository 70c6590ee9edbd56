// covers: getcontext makecontext swapcontext __sigsetjmp siglongjmp
// Coroutines as emulators have them: begun by makecontext(), then switched by sigsetjmp() and siglongjmp() without a mask,
// from the stack of the thread and back, while they sleep and read in between.
#include "../help.h"

#include <setjmp.h>
#include <ucontext.h>

enum { kStack = 128 << 10, kCoroutines = 4, kTurns = 12 };

struct co {
  sigjmp_buf here, caller;
  ucontext_t first, back;
  char* stack;
  int turns, over;
};
static __thread struct co* starting;

static void give_way(struct co* co) {
  if (sigsetjmp(co->here, 0) == 0) siglongjmp(co->caller, 1);
}

static void run(void) {
  struct co* co = starting;
  if (sigsetjmp(co->here, 0) == 0) swapcontext(&co->first, &co->back);
  int fd[2];
  CHECK_OK(pipe(fd));
  while (co->turns < kTurns) {
    char c = 0;
    co->turns++;
    if (co->turns % 4 == 0) sleep_ms(1);
    CHECK_EQ(write(fd[1], "x", 1), 1);
    give_way(co);
    CHECK_EQ(read(fd[0], &c, 1), 1);
    CHECK_EQ(c, 'x');
  }
  close(fd[0]);
  close(fd[1]);
  co->over = 1;
  give_way(co);
}

static void begin(struct co* co) {
  memset(co, 0, sizeof *co);
  co->stack = malloc(kStack);
  CHECK_OK(getcontext(&co->first));
  co->first.uc_stack.ss_sp = co->stack;
  co->first.uc_stack.ss_size = kStack;
  makecontext(&co->first, run, 0);
  starting = co;
  CHECK_OK(swapcontext(&co->back, &co->first));
}

static void resume(struct co* co) {
  if (sigsetjmp(co->caller, 0) == 0) siglongjmp(co->here, 1);
}

static void* body(void* arg) {
  struct co co[kCoroutines];
  for (int i = 0; i < kCoroutines; i++) begin(&co[i]);
  for (int turn = 0; turn <= kTurns; turn++) {
    for (int i = 0; i < kCoroutines; i++) resume(&co[i]);
  }
  for (int i = 0; i < kCoroutines; i++) {
    CHECK_EQ(co[i].over, 1);
    CHECK_EQ(co[i].turns, kTurns);
    free(co[i].stack);
  }
  return arg;
}

int main(void) {
  pthread_t t[8];
  for (int i = 0; i < 8; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 8; i++) JOIN(t[i]);
  body(NULL);
  return 0;
}
