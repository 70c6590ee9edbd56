#include "os/clock.h"

#include <gnu/libc-version.h>

#include "os/elf.h"
#include "os/syscall.h"

namespace goshim::os {

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

int via_syscall(clockid_t id, timespec* ts) {
  return static_cast<int>(sys(SYS_clock_gettime, id, ts));
}

constinit ClockGettime clock_fn = &via_syscall;

}  // namespace

void clock_init() {
  // libc's own goes to the vDSO and touches errno only on failure. Not the one that a call would reach: that may be a hook,
  // of ours or of another preloaded library, which uses TLS; we have threads that have none.
  ElfImage libc;
  if (!elf_image_of(reinterpret_cast<const void*>(&gnu_get_libc_version), &libc)) return;
  auto fn = reinterpret_cast<ClockGettime>(libc.find("clock_gettime").entry);
  if (fn != nullptr) clock_fn = fn;
}

int clock_get(clockid_t id, timespec* ts) {
  // Dynamic clocks fail in the vDSO with an errno we must not touch.
  if (id < 0 || id > CLOCK_BOOTTIME) return via_syscall(id, ts);
  return clock_fn(id, ts);
}

int64_t nanotime() {
  timespec ts;
  clock_fn(CLOCK_MONOTONIC, &ts);
  return static_cast<int64_t>(ts.tv_sec) * kSecond + ts.tv_nsec;
}

int64_t clock_ns(clockid_t id) {
  timespec ts;
  if (clock_get(id, &ts) != 0) return INT64_MIN;
  return static_cast<int64_t>(ts.tv_sec) * kSecond + ts.tv_nsec;
}

}  // namespace goshim::os
