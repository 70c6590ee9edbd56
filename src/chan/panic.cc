#include "chan/panic.h"

#include <execinfo.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "sched/tls.h"

namespace goshim::chan {

namespace {

constexpr int kFrames = 48;

}  // namespace

// By libc's own unwinder, in program context: no lock of ours is held, and the stack is the program's.
GS_NOINLINE void print_stack() {
  void* frames[kFrames];
  const int n = backtrace(frames, kFrames);
  backtrace_symbols_fd(frames, n, 2);
}

namespace {

[[noreturn]] GS_COLD void die(const char* kind, const char* msg) {
  Log() << kind << msg;
  const G* gp = getg();
  Log(Log::kNoPrefix) << "goroutine " << (gp != nullptr ? gp->goid : 1) << " [running]:";
  print_stack();
  abort();  // lint: allow, because it is the program that ends
}

}  // namespace

void gopanic(const char* msg) { die("panic: ", msg); }
void gothrow(const char* msg) { die("fatal error: ", msg); }

}  // namespace goshim::chan
