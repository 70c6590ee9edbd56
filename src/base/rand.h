// A cheap generator for steal order and perturbation: not for anything that must be unpredictable.
#pragma once

#include <stdint.h>

namespace goshim {

struct Rand {
  uint64_t s = 0x9e3779b97f4a7c15ull;

  uint32_t next() {  // xorshift64*
    s ^= s >> 12;
    s ^= s << 25;
    s ^= s >> 27;
    return static_cast<uint32_t>((s * 0x2545f4914f6cdd1dull) >> 32);
  }
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((uint64_t{next()} * n) >> 32); }
};

}  // namespace goshim
