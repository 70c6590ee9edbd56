// Type-stable objects: memory that once held a T always holds a T, and is never given back. A stale pointer to one
// can be read safely; protocols with sequence numbers make that useful.
#pragma once

#include <stddef.h>
#include <new>

#include "base/check.h"
#include "base/mlock.h"
#include "os/memory.h"

namespace goshim {

template <typename T>
class Slab {
 public:
  // A default-constructed T from fresh zero pages, or nullptr when the kernel has none. Never reuses: callers keep
  // their own free lists.
  T* alloc() {
    MLockGuard g(lock_);
    if (left_ == 0) {
      constexpr size_t kChunk = 64 << 10;
      void* mem = os::map_pages(kChunk);
      if (mem == nullptr) return nullptr;
      next_ = static_cast<T*>(mem);
      left_ = kChunk / sizeof(T);
    }
    left_--;
    return new (next_++) T();
  }

  // A chunk that a vanished M was taking from is dropped.
  void reset_after_fork() GS_NO_TSA {
    if (!lock_.is_locked()) return;
    left_ = 0;
    lock_.reset_after_fork();
  }

 private:
  static_assert(sizeof(T) <= (64 << 10));
  MLock lock_{LockRank::kSlab};
  T* next_ GS_GUARDED_BY(lock_) = nullptr;
  size_t left_ GS_GUARDED_BY(lock_) = 0;
};

}  // namespace goshim
