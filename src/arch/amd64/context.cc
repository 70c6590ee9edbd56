// jump_fcontext() of Boost.Context: the same layout, another end.
//
// Boost's jumps to where `to` stopped, this one returns there. A jump leaves the address of the call that brought us here
// on the CPU's own return stack, and from then on each return of the woken G, one for each function between the switch
// and the program, is predicted one off, at some 15 cycles. Gs that wait alike come up at the same call in the same
// callers, so that after a `ret` all are right; where they differ they are as wrong as before.
//
// A new context begins by a jump, as nothing stands on the CPU's stack for it, and one that has ended leaves by a jump
// (leave_context): what it called has returned, so the call that brought it up is on top again, and if that was made by who
// comes up now all its returns are right too.
//
// The control words are loaded as they come: to compare them first, since hardly anybody changes them, gained nothing.
//
// ADR 0025 and 0029 have the figures. The caller's frame is described at each instruction: it lies alike on either stack.
#include "arch/amd64/context.h"

__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl goshim_jump\n"
    ".hidden goshim_jump\n"
    ".type goshim_jump, @function\n"
    "goshim_jump:\n"
    "  .cfi_startproc\n"
    "  leaq -0x38(%rsp), %rsp\n"
    "  .cfi_def_cfa_offset 0x40\n"
    "  stmxcsr (%rsp)\n"
    "  fnstcw 4(%rsp)\n"
    "  movq %r12, 0x08(%rsp)\n"
    "  movq %r13, 0x10(%rsp)\n"
    "  movq %r14, 0x18(%rsp)\n"
    "  movq %r15, 0x20(%rsp)\n"
    "  movq %rbx, 0x28(%rsp)\n"
    "  movq %rbp, 0x30(%rsp)\n"
    "  .cfi_offset %r12, -0x38\n"
    "  .cfi_offset %r13, -0x30\n"
    "  .cfi_offset %r14, -0x28\n"
    "  .cfi_offset %r15, -0x20\n"
    "  .cfi_offset %rbx, -0x18\n"
    "  .cfi_offset %rbp, -0x10\n"
    "  movq %rsp, %rax\n"
    "  movq %rdi, %rsp\n"
    ".Lload:\n"
    "  leaq goshim_begin+1(%rip), %r8\n"
    "  ldmxcsr (%rsp)\n"
    "  fldcw 4(%rsp)\n"
    "  movq 0x08(%rsp), %r12\n"
    "  movq 0x10(%rsp), %r13\n"
    "  movq 0x18(%rsp), %r14\n"
    "  movq 0x20(%rsp), %r15\n"
    "  movq 0x28(%rsp), %rbx\n"
    "  movq 0x30(%rsp), %rbp\n"
    // The Transfer, as a result in rax and rdx, and for a new context's function as its argument.
    "  movq %rsi, %rdx\n"
    "  movq %rax, %rdi\n"
    "  cmpq %r8, 0x38(%rsp)\n"
    "  je .Lbegin\n"
    "  leaq 0x38(%rsp), %rsp\n"
    "  .cfi_def_cfa_offset 8\n"
    "  .cfi_restore %r12\n"
    "  .cfi_restore %r13\n"
    "  .cfi_restore %r14\n"
    "  .cfi_restore %r15\n"
    "  .cfi_restore %rbx\n"
    "  .cfi_restore %rbp\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size goshim_jump, .-goshim_jump\n"

    // Here and below nobody has called: the unwinder stops.
    "  .cfi_startproc\n"
    "  .cfi_undefined %rip\n"
    ".Lbegin:\n"
    "  leaq 0x38(%rsp), %rsp\n"
    "  jmp *%rbx\n"

    ".p2align 4\n"
    ".globl goshim_leave\n"
    ".hidden goshim_leave\n"
    ".type goshim_leave, @function\n"
    "goshim_leave:\n"
    "  xorl %eax, %eax\n"
    "  movq %rdi, %rsp\n"
    "  jmp .Lload\n"
    ".size goshim_leave, .-goshim_leave\n"

    // Where a context that has not begun stands: behind the nop, as unwinders look for the call before an address. Executed
    // only if another jump_fcontext() comes here.
    ".globl goshim_begin\n"
    ".hidden goshim_begin\n"
    ".type goshim_begin, @function\n"
    "goshim_begin:\n"
    "  nop\n"
    "  pushq %rbp\n"
    "  jmp *%rbx\n"
    "  .cfi_endproc\n"
    ".size goshim_begin, .-goshim_begin\n");
