#include "os/memory.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "os/syscall.h"

namespace goshim::os {

namespace {

constexpr int kMadvPopulateWrite = 23;  // MADV_POPULATE_WRITE, Linux 5.14
constexpr int kMadvGuardInstall = 102;  // MADV_GUARD_INSTALL, Linux 6.13
constexpr int kPidfdSelf = -10000;      // PIDFD_SELF_THREAD, Linux 6.14

void* map(size_t bytes, int flags) {
  long r = sys(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return r < 0 && r > -4096 ? nullptr : reinterpret_cast<void*>(r);
}

// Bytes advised.
size_t advise_many(const iovec* ranges, int n, int advice) {
  // A filter of system calls may kill for one that nobody has thought of.
  if (sys(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0) != 0) return 0;
  const long r = sys(SYS_process_madvise, kPidfdSelf, ranges, n, advice, 0);
  return r > 0 ? static_cast<size_t>(r) : 0;
}

}  // namespace

bool guard_by_mprotect = false;

void* map_pages(size_t bytes) { return map(bytes, 0); }

void* reserve_stacks(size_t bytes) {
  void* p = map(bytes, MAP_NORESERVE | MAP_STACK);
  // A huge page would make the first touch of a stack cost 2 MB.
  if (p != nullptr) sys(SYS_madvise, p, bytes, MADV_NOHUGEPAGE);
  return p;
}

bool is_address_space_limited() {
  rlimit limit = {};
  return sys(SYS_prlimit64, 0, RLIMIT_AS, nullptr, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

void unmap(void* p, size_t bytes) { sys(SYS_munmap, p, bytes); }

bool install_guard(void* p, size_t bytes) {
  if (bytes == 0) return true;
  if (!guard_by_mprotect) {
    if (sys(SYS_madvise, p, bytes, kMadvGuardInstall) == 0) return true;
    guard_by_mprotect = true;
  }
  return sys(SYS_mprotect, p, bytes, PROT_NONE) == 0;
}

int install_guards(const iovec* ranges, int n) {
  size_t done = guard_by_mprotect ? 0 : advise_many(ranges, n, kMadvGuardInstall);
  int i = 0;
  for (; i < n && done >= ranges[i].iov_len; i++) done -= ranges[i].iov_len;
  return i;
}

void populate(const iovec* ranges, int n) { advise_many(ranges, n, kMadvPopulateWrite); }

void discard(const iovec* ranges, int n) {
  size_t done = n > 1 ? advise_many(ranges, n, MADV_DONTNEED) : 0;
  for (int i = 0; i < n; i++) {
    if (done >= ranges[i].iov_len) {
      done -= ranges[i].iov_len;
      continue;
    }
    done = 0;
    sys(SYS_madvise, ranges[i].iov_base, ranges[i].iov_len, MADV_DONTNEED);
  }
}

}  // namespace goshim::os
