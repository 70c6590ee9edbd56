#include "arch/amd64/signal.h"

#include <errno.h>

namespace goshim {

// These very bytes, without unwind information of their own: unwinders and debuggers know a signal frame by them.
__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl goshim_sigreturn\n"
    ".hidden goshim_sigreturn\n"
    ".type goshim_sigreturn, @function\n"
    "nop\n"  // unwinders look one byte before the return address
    "goshim_sigreturn:\n"
    "movq $15, %rax\n"
    "syscall\n"
    "ud2\n"
    ".size goshim_sigreturn, . - goshim_sigreturn\n");

namespace {

constexpr uint8_t kSyscall[2] = {0x0f, 0x05};
constexpr greg_t kVolatileFlags = 0x10100;  // RF, TF

bool stands_at_syscall(uintptr_t pc) {
  const auto* code = reinterpret_cast<const uint8_t*>(pc);
  return code[0] == kSyscall[0] && code[1] == kSyscall[1];
}

// The thread's last instruction was the syscall that ends at pc.
bool comes_from_syscall(const ucontext_t* uc, uintptr_t pc) {
  const auto& r = uc->uc_mcontext.gregs;
  if (static_cast<uintptr_t>(r[REG_RCX]) != pc) return false;
  return ((r[REG_R11] ^ r[REG_EFL]) & ~kVolatileFlags) == 0 && stands_at_syscall(pc - 2);
}

}  // namespace

long context_restarts(const ucontext_t* uc) {
  return comes_from_syscall(uc, context_pc(uc) + 2) ? uc->uc_mcontext.gregs[REG_RAX] : -1;
}

void context_fail(ucontext_t* uc, int error) {
  uc->uc_mcontext.gregs[REG_RIP] += 2;
  context_change_result(uc, error);
}

bool context_got_eintr(const ucontext_t* uc) {
  return uc->uc_mcontext.gregs[REG_RAX] == -EINTR && comes_from_syscall(uc, context_pc(uc));
}

void context_change_result(ucontext_t* uc, int error) { uc->uc_mcontext.gregs[REG_RAX] = -error; }

void call_handler_on(void* stack_hi, void (*handler)(int, siginfo_t*, void*), int sig,
                     siginfo_t* info, void* uc) {
  const uintptr_t top = reinterpret_cast<uintptr_t>(stack_hi) & ~uintptr_t{63};
  // rbx is kept by the handler, and the frame of this function is found through rbp.
  __asm__ volatile(
      "movq %%rsp, %%rbx\n\t"
      "movq %[top], %%rsp\n\t"
      "call *%[fn]\n\t"
      "movq %%rbx, %%rsp"
      : "+D"(sig), "+S"(info), "+d"(uc)
      : [top] "r"(top), [fn] "r"(handler)
      : "rax", "rcx", "rbx", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2",
        "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
        "xmm14", "xmm15");
}

}  // namespace goshim
