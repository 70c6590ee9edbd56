// Contexts: a stack with saved registers, and the switch between two of them, %fs included.
//
// The registers are Boost.Context's fcontext (callee-saved registers, x87 and SSE control words). The stack switch and
// the %fs change stand next to each other in switch_context() and nowhere else: nothing between them may touch TLS.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <boost/context/detail/fcontext.hpp>

#include "arch/amd64/fsbase.h"

namespace goshim {

using Context = boost::context::detail::fcontext_t;
using Transfer = boost::context::detail::transfer_t;  // {fctx: who switched to us, data}

// What fcontext keeps on the stack of who does not run, from its Context upwards.
constexpr uint16_t kContextR12 = 8;  // after the control words
constexpr uint16_t kContextR13 = 16;
constexpr uint16_t kContextR14 = 24;
constexpr uint16_t kContextR15 = 32;
constexpr uint16_t kContextRbx = 40;
constexpr uint16_t kContextRbp = 48;
constexpr uint16_t kContextRip = 56;
constexpr uint16_t kContextSize = 64;

// jump_fcontext(), with a better end.
extern "C" [[gnu::visibility("hidden")]] Transfer goshim_jump(Context to, void* data);

extern "C" [[gnu::visibility("hidden")]] const char goshim_begin[];

// A context that will run fn(Transfer) on [.., stack_hi) when first switched to, with the control words of whoever makes
// it. fn never returns.
inline Context make_context(void* stack_hi, void (*fn)(Transfer)) {
  char* ctx = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(stack_hi) & ~uintptr_t{15}) -
                                      kContextSize);
  auto word = [ctx](uint16_t at) -> void*& { return *reinterpret_cast<void**>(ctx + at); };
  __asm__ volatile("stmxcsr (%0)\n\tfnstcw 4(%0)" : : "r"(ctx) : "memory");
  word(kContextRbx) = reinterpret_cast<void*>(fn);
  word(kContextRbp) = nullptr;  // who walks frame pointers stops here
  word(kContextRip) = const_cast<char*>(goshim_begin + 1);
  return ctx;
}

// Continues `to` with %fs = tcb. Returns when somebody switches back, with that somebody's context.
[[gnu::always_inline]] inline Transfer switch_context(Context to, void* tcb, void* data) {
  set_fsbase(tcb);
  return goshim_jump(to, data);
}

// The same from a context that ends. To stand in its entry function itself, where nothing it has called is open.
[[gnu::always_inline, noreturn]] inline void leave_context(Context to, void* tcb, void* data) {
  set_fsbase(tcb);
  __asm__ volatile("jmp goshim_leave" : : "D"(to), "S"(data) : "memory");
  __builtin_unreachable();
}

// To stand first in a context's entry function: the unwinder (backtrace, gdb, forced unwind) stops at this frame.
#define GS_BOTTOM_FRAME() __asm__ volatile(".cfi_undefined rip")

}  // namespace goshim
