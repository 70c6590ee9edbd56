// The machine's part of signal handling: the registers of an interrupted thread, and calling a handler.
#pragma once

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

namespace goshim {

// The kernel's struct sigaction.
struct KernelSigaction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

// What a handler returns to: rt_sigreturn.
extern "C" void goshim_sigreturn();

inline uintptr_t context_pc(const ucontext_t* uc) {
  return static_cast<uintptr_t>(uc->uc_mcontext.gregs[REG_RIP]);
}
inline uintptr_t context_sp(const ucontext_t* uc) {
  return static_cast<uintptr_t>(uc->uc_mcontext.gregs[REG_RSP]);
}

// The mask to be in force after the handler. The kernel's field is one word, libc's type is larger.
inline uint64_t& context_mask(ucontext_t* uc) {
  return *reinterpret_cast<uint64_t*>(&uc->uc_sigmask);
}

// The kernel interrupted a system call and will repeat it: its number, else -1. A thread that was about to make its
// first attempt looks different: the syscall instruction leaves its traces in rcx and r11.
long context_restarts(const ucontext_t* uc);

// Makes that system call return -error instead.
void context_fail(ucontext_t* uc, int error);

// The kernel has ended a system call with EINTR; and makes it return -error instead.
bool context_got_eintr(const ucontext_t* uc);
void context_change_result(ucontext_t* uc, int error);

// What was passed to it second, in either case.
inline long context_second_argument(const ucontext_t* uc) { return uc->uc_mcontext.gregs[REG_RSI]; }

// handler(sig, info, uc) on the stack that ends at stack_hi.
void call_handler_on(void* stack_hi, void (*handler)(int, siginfo_t*, void*), int sig,
                     siginfo_t* info, void* uc);

}  // namespace goshim
