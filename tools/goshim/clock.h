// The time that the runtime's records are in.
#pragma once

#include <stdint.h>
#include <time.h>

namespace tool {

// CLOCK_MONOTONIC, in nanoseconds.
inline int64_t monotonic() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

}  // namespace tool
