#include "arch/amd64/call_through.h"

#include <string.h>

namespace goshim {

const uint8_t* find_return(const uint8_t* lo, const uint8_t* hi, const uint8_t* from) {
  constexpr int kRet = 0xc3;
  const void* at = memchr(from, kRet, static_cast<size_t>(hi - from));
  if (at == nullptr) at = memchr(lo, kRet, static_cast<size_t>(from - lo));
  return static_cast<const uint8_t*>(at);
}

}  // namespace goshim

// At f's entry the stack has, from the top: ret, 1f. It is aligned as after a call.
__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl goshim_call_through\n"
    ".hidden goshim_call_through\n"
    ".type goshim_call_through, @function\n"
    "goshim_call_through:\n"
    "  .cfi_startproc\n"
    "  pushq %rbp\n"
    "  .cfi_def_cfa_offset 16\n"
    "  .cfi_offset %rbp, -16\n"
    "  movq %rsp, %rbp\n"
    "  .cfi_def_cfa_register %rbp\n"
    "  subq $8, %rsp\n"
    "  leaq 1f(%rip), %rax\n"
    "  pushq %rax\n"
    "  pushq %rdi\n"
    "  movq %rsi, %rax\n"
    "  movq %rdx, %rdi\n"
    "  movl %ecx, %esi\n"
    "  jmp *%rax\n"
    "1:\n"
    "  leave\n"
    "  .cfi_def_cfa %rsp, 8\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size goshim_call_through, . - goshim_call_through\n");
