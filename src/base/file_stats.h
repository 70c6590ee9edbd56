// How files were read and synced, for the statistics.
#pragma once

#include <stdint.h>

#include "base/atomic.h"

namespace goshim {

struct FileStats {
  Atomic<uint64_t> at_once;   // all there in the page cache: one call, no P
  Atomic<uint64_t> by_ring;   // the G parked while the io_uring worked
  Atomic<uint64_t> blocked;   // the call blocked an M, or might have
  Atomic<uint64_t> shared;    // an fsync that another G's call did
  Atomic<uint64_t> children;  // waits for children for which the G parked
};
inline constinit FileStats file_stats;

}  // namespace goshim
