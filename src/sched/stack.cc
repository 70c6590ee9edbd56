#include "sched/stack.h"

#include "arch/amd64/tcb.h"
#include "base/mlock.h"
#include "os/memory.h"

namespace goshim {

namespace {

constexpr size_t kRegion = 2 << 20;    // what one page-table page maps
constexpr size_t kChunk = 64 << 20;    // reservation for small slots
constexpr size_t kSlotsPerChunk = 16;  // reservation for big ones, in slots

struct Pool {
  char* next = nullptr;
  size_t left = 0;  // slots
  size_t made = 0;
};

// Colours. What is hot of a parked G is the top of its stack: TCB, TLS, the frames of its wait. At one offset in every
// slot those lines would fall into a few sets of the cache, and so would the page-table entries of slots whose distance
// is a multiple of what a page-table page maps. So big slots are a few pages, not a multiple of eight, further apart,
// and the upper end moves a few lines from slot to slot. The shift stays below half a page: a parked G fits two pages.
constexpr size_t kBigSlot = kRegion / 2;
constexpr size_t kStride = 9 * os::kPage;
constexpr size_t kColours = 32;
constexpr size_t kColourStep = 64;

size_t slot_bytes(int size_class) {
  const size_t n = size_t{1} << size_class;
  return n >= kBigSlot ? n + kStride : n;
}

size_t colour(size_t index) {
  // Static TLS that wants more than a cache line's alignment stays where it is.
  return tls_block_align() <= kColourStep ? index * 5 % kColours * kColourStep : 0;
}

constinit MLock lock{LockRank::kStackPool};
constinit Pool pools[kMaxStackShift + 1] GS_GUARDED_BY(lock) = {};

bool refill(Pool& p, size_t slot) GS_REQUIRES(lock) {
  size_t n = slot * kSlotsPerChunk > kChunk ? kSlotsPerChunk : kChunk / slot;
  void* mem;
  // Under RLIMIT_AS there may be room for a few, as there would be for libc's.
  while ((mem = os::reserve_stacks(n * slot + 2 * kRegion)) == nullptr) {
    n /= 2;
    if (n == 0) return false;
  }
  const auto base = os::round_up(reinterpret_cast<uintptr_t>(mem), kRegion) + kRegion / 2;
  p.next = reinterpret_cast<char*>(base);
  p.left = n;
  return true;
}

bool take_slot(Stack* stack, int size_class) {
  const size_t slot = slot_bytes(size_class);
  MLockGuard g(lock);
  Pool& p = pools[size_class];
  if (p.left == 0 && !refill(p, slot)) return false;
  stack->slot_lo = p.next;
  stack->slot_hi = p.next + slot - colour(p.made);
  stack->size_class = static_cast<uint8_t>(size_class);
  p.next += slot;
  p.left--;
  p.made++;
  return true;
}

}  // namespace

int stack_class(size_t bytes) {
  int c = kMinStackShift;
  while (c <= kMaxStackShift && (size_t{1} << c) < bytes) c++;
  return c <= kMaxStackShift ? c : -1;
}

char* stack_alloc(G* gp, int size_class, size_t guard) {
  if (gp->stack.slot_lo == nullptr && !take_slot(&gp->stack, size_class)) return nullptr;
  // A slot without a guard would turn an overflow into silent damage to its neighbour.
  if (guard > gp->stack.guard) {
    if (!os::install_guard(gp->stack.slot_lo, guard)) return nullptr;
    gp->stack.set_guard(guard);
  }
  return gp->stack.slot_hi;
}

void stack_after_fork_child() GS_NO_TSA {
  if (!lock.is_locked()) return;
  for (Pool& p : pools) p = Pool();
  lock.reset_after_fork();
}

}  // namespace goshim
