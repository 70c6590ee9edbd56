#include "arch/amd64/clone.h"

#include <sched.h>
#include <sys/syscall.h>

namespace goshim {

long clone_thread(void (*fn)(void*), void* arg, void* stack_hi, void* tcb, int32_t* tid) {
  constexpr long kFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                          CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  // The child starts right after the syscall instruction with nothing but its registers: it pops fn and arg, which
  // lie at the top of its stack, and calls.
  auto* sp = static_cast<void**>(stack_hi) - 2;
  sp[0] = reinterpret_cast<void*>(fn);
  sp[1] = arg;
  long ret;
  register void* r10 __asm__("r10") = tid;
  register void* r8 __asm__("r8") = tcb;
  __asm__ volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xorl %%ebp, %%ebp\n\t"
      "popq %%rax\n\t"
      "popq %%rdi\n\t"
      "callq *%%rax\n\t"
      "ud2\n"
      "1:"
      : "=a"(ret)
      : "a"(SYS_clone), "D"(kFlags), "S"(sp), "d"(tid), "r"(r10), "r"(r8)
      : "rcx", "r11", "memory");
  return ret;
}

}  // namespace goshim
