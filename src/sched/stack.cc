#include "sched/stack.h"

#include "base/mlock.h"
#include "os/memory.h"

namespace goshim {

namespace {

constexpr size_t kRegion = 2 << 20;       // what one page-table page maps
constexpr size_t kChunk = 64 << 20;       // reservation for small slots
constexpr size_t kSlotsPerChunk = 16;     // reservation for big ones, in slots

struct Pool {
  char* next = nullptr;
  size_t left = 0;  // slots
};

constinit MLock lock{LockRank::kStackPool};
constinit Pool pools[kMaxStackShift + 1] GS_GUARDED_BY(lock) = {};

bool refill(Pool& p, size_t slot) GS_REQUIRES(lock) {
  const size_t n = slot * kSlotsPerChunk > kChunk ? kSlotsPerChunk : kChunk / slot;
  auto* mem = static_cast<char*>(os::reserve_stacks(n * slot + 2 * kRegion));
  if (mem == nullptr) return false;
  const auto base = os::round_up(reinterpret_cast<uintptr_t>(mem), kRegion) + kRegion / 2;
  p.next = reinterpret_cast<char*>(base);
  p.left = n;
  return true;
}

}  // namespace

int stack_class(size_t bytes) {
  int c = kMinStackShift;
  while (c <= kMaxStackShift && (size_t{1} << c) < bytes) c++;
  return c <= kMaxStackShift ? c : -1;
}

char* stack_alloc(G* gp, int size_class, size_t guard) {
  const size_t slot = size_t{1} << size_class;
  char* lo;
  {
    MLockGuard g(lock);
    Pool& p = pools[size_class];
    if (p.left == 0 && !refill(p, slot)) return nullptr;
    lo = p.next;
    p.next += slot;
    p.left--;
  }
  // A slot without a guard would turn an overflow into silent damage to its neighbour.
  if (!os::install_guard(lo, guard)) return nullptr;
  gp->stack.slot_lo = lo;
  gp->stack.slot_hi = lo + slot;
  gp->stack.guard = guard;
  gp->stack.size_class = static_cast<uint8_t>(size_class);
  return lo + slot;
}

void stack_after_fork_child() GS_NO_TSA {
  if (!lock.is_locked()) return;
  for (Pool& p : pools) p = Pool();
  lock.reset_after_fork();
}

}  // namespace goshim
