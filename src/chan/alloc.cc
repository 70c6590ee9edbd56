#include "chan/alloc.h"

#include <string.h>

#include <bit>

#include "base/check.h"
#include "base/mlock.h"
#include "os/memory.h"

namespace goshim::chan {

namespace {

constexpr size_t kSmallest = 64;
constexpr size_t kLargest = 64 << 10;
constexpr int bits(size_t n) { return static_cast<int>(std::bit_width(n)); }
constexpr int kClasses = bits(kLargest) - bits(kSmallest) + 1;
// What a class takes from the kernel at once.
constexpr size_t kChunk = 256 << 10;

struct Block {
  Block* next;
};

struct alignas(64) Class {
  MLock lock{LockRank::kSlab};
  Block* free GS_GUARDED_BY(lock) = nullptr;
  char* fresh GS_GUARDED_BY(lock) = nullptr;  // never used, so zero
  char* fresh_end GS_GUARDED_BY(lock) = nullptr;
};

constinit Class classes[kClasses];

int class_of(size_t size) {
  return bits((size <= kSmallest ? kSmallest : size) - 1) - bits(kSmallest - 1);
}

// A block, and whether it must be cleared.
void* take(Class& c, size_t bytes, bool* dirty) {
  MLockGuard g(c.lock);
  if (Block* b = c.free; b != nullptr) {
    c.free = b->next;
    *dirty = true;
    return b;
  }
  if (c.fresh == c.fresh_end) {
    auto* mem = static_cast<char*>(os::map_pages(kChunk));
    if (mem == nullptr) return nullptr;
    c.fresh = mem;
    c.fresh_end = mem + kChunk;
  }
  void* p = c.fresh;
  c.fresh += bytes;
  return p;
}

}  // namespace

void* alloc(size_t size) {
  if (size > kLargest) return os::map_pages(os::round_up(size, os::kPage));
  const int k = class_of(size);
  const size_t bytes = kSmallest << k;
  bool dirty = false;
  void* p = take(classes[k], bytes, &dirty);
  if (dirty) memset(p, 0, size);
  return p;
}

void release(void* p, size_t size) {
  if (size > kLargest) {
    os::unmap(p, os::round_up(size, os::kPage));
    return;
  }
  Class& c = classes[class_of(size)];
  auto* b = static_cast<Block*>(p);
  MLockGuard g(c.lock);
  b->next = c.free;
  c.free = b;
}

void alloc_after_fork_child() GS_NO_TSA {
  for (Class& c : classes) {
    if (!c.lock.is_locked()) continue;
    c.free = nullptr;
    c.fresh = c.fresh_end = nullptr;
    c.lock.reset_after_fork();
  }
}

}  // namespace goshim::chan
