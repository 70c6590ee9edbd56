// Terminals: the calls that change one. From the background they are SIGTTOU's business (sched/job_control.h).
#include "preload/declared.h"
#include "sched/job_control.h"

using namespace goshim;

GOSHIM_HOOK(int, tcdrain)(int fd) {
  if (!on_goroutine()) return real.tcdrain(fd);
  call_begins();
  const auto call = [&] { return os::sys(SYS_ioctl, fd, TCSBRK, 1); };
  return result<int>(with_job_control([&] { return declared_call<kCancels>(call); }));
}

GOSHIM_HOOK(int, tcsetattr)(int fd, int when, const struct termios* t) {
  return with_job_control([&] { return real.tcsetattr(fd, when, t); });
}

GOSHIM_HOOK(int, tcflow)(int fd, int action) {
  return with_job_control([&] { return real.tcflow(fd, action); });
}

GOSHIM_HOOK(int, tcflush)(int fd, int queue) {
  return with_job_control([&] { return real.tcflush(fd, queue); });
}

GOSHIM_HOOK(int, tcsendbreak)(int fd, int duration) {
  return with_job_control([&] { return real.tcsendbreak(fd, duration); });
}

GOSHIM_HOOK(int, tcsetpgrp)(int fd, pid_t group) {
  return with_job_control([&] { return real.tcsetpgrp(fd, group); });
}
