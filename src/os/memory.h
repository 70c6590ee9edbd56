// Pages from the kernel.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

namespace goshim::os {

constexpr size_t kPage = 4096;

inline size_t round_up(size_t n, size_t to) { return (n + to - 1) & ~(to - 1); }

// Zero pages, readable and writable; nullptr if the kernel refuses.
void* map_pages(size_t bytes);

// Address space for stacks: no swap reservation, no huge pages. nullptr if refused.
void* reserve_stacks(size_t bytes);

// RLIMIT_AS is set.
bool is_address_space_limited();

void unmap(void* p, size_t bytes);

// Makes [p, p+bytes) fault on access: by a guard marker where the kernel has them (no split of the mapping), else by
// mprotect. False if neither works.
bool install_guard(void* p, size_t bytes);

// Set when the kernel has no guard markers, or by option.
extern bool guard_by_mprotect;

// For many ranges in one call. May be done in part, or not at all: by an old kernel, in a sandbox. The first returns how many of them, counted from the first one, have a guard marker now.
int install_guards(const iovec* ranges, int n);
// Gives them the pages that the first writes would.
void populate(const iovec* ranges, int n);

// Gives the contents of whole pages back; they read as zero afterwards. In one call where the kernel can: then the other
// CPUs flush their translations once for all ranges instead of once for each.
void discard(const iovec* ranges, int n);

}  // namespace goshim::os
