// Memory for what the API hands out: channels with their buffers, timers, contexts, task records.
//
// The library calls no malloc: the program's may itself wait on our locks. Sizes are rounded up to a power of two; each
// class has a free list, so what was freed is used again for the same size and never becomes anything smaller. Above
// 64 KB a block is a mapping of its own and goes back to the kernel.
#pragma once

#include <stddef.h>

#include <new>

namespace goshim::chan {

// Zeroed, aligned to 64 bytes; nullptr if the kernel has no memory. Any context.
void* alloc(size_t size);
// `size` as it was asked for.
void release(void* p, size_t size);

template <typename T>
T* make() {
  static_assert(alignof(T) <= 64);
  void* p = alloc(sizeof(T));
  return p != nullptr ? new (p) T() : nullptr;
}

void alloc_after_fork_child();

}  // namespace goshim::chan
