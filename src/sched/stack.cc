// A slot on its own costs a system call for its guard and a page fault for each page that is hot in it. Once there are many,
// the next few are made ready in one go: they have both already. Whoever does so holds no lock meanwhile; others take
// single slots.
#include "sched/stack.h"

#include "arch/amd64/tcb.h"
#include "base/mlock.h"
#include "os/memory.h"

namespace goshim {

namespace {

constexpr size_t kRegion = 2 << 20;    // what one page-table page maps
constexpr size_t kChunk = 64 << 20;    // reservation for small slots
constexpr size_t kSlotsPerChunk = 16;  // reservation for big ones, in slots
constexpr size_t kReserveShare = 16;   // with many, one slot is reserved for so many there are

constexpr size_t kFew = 1024;  // slots to be made one by one
constexpr int kRun = 16;       // slots made ready in one go
// What a G needs at the upper end of its stack to start and to wait. Static TLS may be large and mostly empty: then it gets
// its pages one by one.
constexpr size_t kFrames = 1024;
constexpr size_t kMaxHot = 4 * os::kPage;

// Slots next to each other, the first one being the index-th of its class.
struct Run {
  char* next = nullptr;
  size_t left = 0;
  size_t index = 0;
  size_t guard = 0;  // bytes that each has
};

struct Pool {
  char* next = nullptr;
  size_t left = 0;  // slots
  size_t made = 0;
  Run ready;
  bool readying = false;  // somebody makes the next run, `ready` is empty
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

// In slots. mmap() waits until nobody in the process populates or faults, so the next reservation grows with what there
// is; not where the program has so much address space and no more.
size_t reservation(const Pool& p, size_t slot) GS_REQUIRES(lock) {
  const size_t least = slot * kSlotsPerChunk > kChunk ? kSlotsPerChunk : kChunk / slot;
  const size_t share = p.made / kReserveShare;
  return share > least && !os::is_address_space_limited() ? share : least;
}

bool refill(Pool& p, size_t slot) GS_REQUIRES(lock) {
  size_t n = reservation(p, slot);
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

char* hi_of(const Run& run, size_t i, size_t slot) {
  return run.next + (i + 1) * slot - colour(run.index + i);
}

void take_first(Run& run, Stack* stack, int size_class, size_t slot) {
  stack->slot_lo = run.next;
  stack->slot_hi = hi_of(run, 0, slot);
  stack->size_class = static_cast<uint8_t>(size_class);
  stack->set_guard(run.guard);
  run.next += slot;
  run.left--;
  run.index++;
}

// Guards and hot pages for all of them, or some, or none.
void make_ready(Run& run, size_t slot, size_t guard) {
  iovec v[kRun];
  const int n = static_cast<int>(run.left);
  if (guard > 0) {
    for (int i = 0; i < n; i++) v[i] = {run.next + static_cast<size_t>(i) * slot, guard};
    if (os::install_guards(v, n) == n) run.guard = guard;
  }
  const size_t hot = tls_block_size() + kFrames;
  if (hot > kMaxHot) return;
  for (int i = 0; i < n; i++) {
    const auto hi = reinterpret_cast<uintptr_t>(hi_of(run, static_cast<size_t>(i), slot));
    const uintptr_t lo = (hi - hot) & ~(os::kPage - 1);
    v[i] = {reinterpret_cast<void*>(lo), os::round_up(hi, os::kPage) - lo};
  }
  os::populate(v, n);
}

bool take_slot(Stack* stack, int size_class, size_t guard) {
  const size_t slot = slot_bytes(size_class);
  Run run;
  {
    MLockGuard g(lock);
    Pool& p = pools[size_class];
    if (p.ready.left > 0) {
      take_first(p.ready, stack, size_class, slot);
      return true;
    }
    if (p.left == 0 && !refill(p, slot)) return false;
    const bool many = p.made >= kFew && !p.readying;
    run.next = p.next;
    run.left = !many ? 1 : p.left < kRun ? p.left : kRun;
    run.index = p.made;
    p.next += run.left * slot;
    p.left -= run.left;
    p.made += run.left;
    p.readying |= many;
    if (!many) {
      take_first(run, stack, size_class, slot);
      return true;
    }
  }
  make_ready(run, slot, guard);
  take_first(run, stack, size_class, slot);
  MLockGuard g(lock);
  pools[size_class].ready = run;
  pools[size_class].readying = false;
  return true;
}

}  // namespace

int stack_class(size_t bytes) {
  if (bytes <= size_t{1} << kMinStackShift) return kMinStackShift;
  const int c = 64 - __builtin_clzll(bytes - 1);
  return c <= kMaxStackShift ? c : -1;
}

char* stack_alloc(G* gp, int size_class, size_t guard) {
  if (gp->stack.slot_lo == nullptr && !take_slot(&gp->stack, size_class, guard)) return nullptr;
  // A slot without a guard would turn an overflow into silent damage to its neighbour.
  if (guard > gp->stack.guard) {
    if (!os::install_guard(gp->stack.slot_lo, guard)) return nullptr;
    gp->stack.set_guard(guard);
  }
  return gp->stack.slot_hi;
}

void stack_after_fork_child() GS_NO_TSA {
  for (Pool& p : pools) p.readying = false;
  if (!lock.is_locked()) return;
  for (Pool& p : pools) p = Pool();
  lock.reset_after_fork();
}

}  // namespace goshim
