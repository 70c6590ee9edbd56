#include "os/memory.h"

#include <sys/mman.h>

#include "os/syscall.h"

namespace goshim::os {

namespace {

constexpr int kMadvGuardInstall = 102;  // MADV_GUARD_INSTALL, Linux 6.13

void* map(size_t bytes, int flags) {
  long r = sys(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return r < 0 && r > -4096 ? nullptr : reinterpret_cast<void*>(r);
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

void unmap(void* p, size_t bytes) { sys(SYS_munmap, p, bytes); }

bool install_guard(void* p, size_t bytes) {
  if (bytes == 0) return true;
  if (!guard_by_mprotect) {
    if (sys(SYS_madvise, p, bytes, kMadvGuardInstall) == 0) return true;
    guard_by_mprotect = true;
  }
  return sys(SYS_mprotect, p, bytes, PROT_NONE) == 0;
}

void discard(void* p, size_t bytes) { sys(SYS_madvise, p, bytes, MADV_DONTNEED); }

}  // namespace goshim::os
