// covers: syscall fork
// Shared futex calls on shared memory pass turns between threads of two processes.
#include "../help.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int* turn;

static void* body(void* arg) {
  int me = (int)(intptr_t)arg;
  for (int i = 0; i < 60; i++) {
    int v;
    while ((v = __atomic_load_n(turn, __ATOMIC_SEQ_CST)) != 4 * i + me) {
      long r = syscall(SYS_futex, turn, FUTEX_WAIT, v, NULL, NULL, 0);
      CHECK(r == 0 || errno == EAGAIN);
    }
    __atomic_store_n(turn, v + 1, __ATOMIC_SEQ_CST);
    CHECK(syscall(SYS_futex, turn, FUTEX_WAKE, 10, NULL, NULL, 0) >= 0);
  }
  return NULL;
}

int main(void) {
  turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(turn != MAP_FAILED);
  run_in_two_processes(body);
  CHECK_EQ(*turn, 240);
  return 0;
}
