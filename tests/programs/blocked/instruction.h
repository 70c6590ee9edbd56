// A system call by an instruction of the program's own: nobody between it and the kernel.
#ifndef TESTS_PROGRAMS_BLOCKED_INSTRUCTION_H
#define TESTS_PROGRAMS_BLOCKED_INSTRUCTION_H

static long instruction(long nr, long a, long b, long c, long d) {
  long r;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(r)
                   : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return r;
}

#endif
