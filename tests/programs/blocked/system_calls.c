// covers: syscall
// also: GOSHIM_PATCH=0
// 32 threads in system calls that no function of libc makes for them: syscall(SYS_read), then a syscall instruction that
// reads, then one that waits on a futex.
#include "blocked.h"
#include "instruction.h"

#include <linux/futex.h>
#include <sys/syscall.h>

static int p[kBlocked][2], words[kBlocked];

static void read_by_syscall(int i) {
  char c = 0;
  CHECK_EQ(syscall(SYS_read, p[i][0], &c, 1), 1);
  CHECK_EQ(c, 'x');
}

static void read_by_instruction(int i) {
  char c = 0;
  CHECK_EQ(instruction(SYS_read, p[i][0], (long)&c, 1, 0), 1);
  CHECK_EQ(c, 'x');
}

static void feed(int i) { write_all(p[i][1], "x", 1); }

static void wait_on_word(int i) {
  while (__atomic_load_n(&words[i], __ATOMIC_SEQ_CST) == 0)
    instruction(SYS_futex, (long)&words[i], FUTEX_WAIT_PRIVATE, 0, 0);
}

static void change_word(int i) {
  __atomic_store_n(&words[i], 1, __ATOMIC_SEQ_CST);
  instruction(SYS_futex, (long)&words[i], FUTEX_WAKE_PRIVATE, 1, 0);
}

int main(void) {
  for (int i = 0; i < kBlocked; i++) CHECK_OK(pipe(p[i]));
  run_blocked(read_by_syscall, feed);
  run_blocked(read_by_instruction, feed);
  run_blocked(wait_on_word, change_word);
  return 0;
}
