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

// A context that will run fn(Transfer) on [.., stack_hi) when first switched to. fn never returns.
inline Context make_context(void* stack_hi, size_t size, void (*fn)(Transfer)) {
  return boost::context::detail::make_fcontext(stack_hi, size, fn);
}

// Continues `to` with %fs = tcb. Returns when somebody switches back, with that somebody's context.
[[gnu::always_inline]] inline Transfer switch_context(Context to, void* tcb, void* data) {
  set_fsbase(tcb);
  return goshim_jump(to, data);
}

// To stand first in a context's entry function: the unwinder (backtrace, gdb, forced unwind) stops at this frame.
#define GS_BOTTOM_FRAME() __asm__ volatile(".cfi_undefined rip")

}  // namespace goshim
