// Broken invariants of our own end the process: a runtime that goes on after one corrupts its host.
//
// GS_CHECK is on in every build and takes a constant message "function: what". GS_ASSERT is for checks that cost,
// on with -Dinvariants=true (or GOSHIM_DEBUG=invariants=1 where the check tests debugvars itself).
#pragma once

namespace goshim {

// Prints "goshim: fatal: <msg>", every G (through the hook below), and aborts.
[[noreturn, gnu::cold]] void fatal(const char* msg);
[[noreturn, gnu::cold]] void fatal_errno(const char* msg, long err);

// What fatal() calls before it aborts; the scheduler plugs in its dump of all Gs.
extern void (*fatal_dump)();

}  // namespace goshim

#define GS_LIKELY(x) __builtin_expect(!!(x), 1)
#define GS_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define GS_NOINLINE [[gnu::noinline]]
#define GS_COLD [[gnu::cold, gnu::noinline]]

#define GS_CHECK(cond, msg)                         \
  do {                                              \
    if (GS_UNLIKELY(!(cond))) ::goshim::fatal(msg); \
  } while (0)

#ifdef GOSHIM_INVARIANTS
#define GS_ASSERT(cond, msg) GS_CHECK(cond, msg)
#else
#define GS_ASSERT(cond, msg) \
  do {                       \
  } while (0)
#endif
