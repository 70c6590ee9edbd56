#include "base/check.h"

#include <signal.h>

#include "base/log.h"
#include "os/syscall.h"

namespace goshim {

void (*fatal_dump)() = nullptr;

namespace {

[[noreturn]] void die() {
  auto dump = fatal_dump;
  fatal_dump = nullptr;  // a fault inside the dump must not recurse
  if (dump != nullptr) dump();
  // The default action of SIGABRT, whatever the program's handlers and masks say.
  struct {
    void* handler;
    unsigned long flags, restorer, mask;
  } dfl = {};
  os::sys(SYS_rt_sigaction, SIGABRT, &dfl, nullptr, 8);
  uint64_t set = 1ull << (SIGABRT - 1);
  os::sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, nullptr, 8);
  os::sys(SYS_tgkill, os::getpid(), os::gettid(), SIGABRT);
  for (;;) os::sys(SYS_exit_group, 134);
}

}  // namespace

void fatal(const char* msg) {
  Log() << "fatal: " << msg;
  die();
}

void fatal_errno(const char* msg, long err) {
  Log() << "fatal: " << msg << ": errno " << (err < 0 ? -err : err);
  die();
}

}  // namespace goshim
