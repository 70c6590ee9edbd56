// How redirecting libc's entries went (preload/patch.cc), for the statistics. Written once, before
// there are threads.
#pragma once

#include <stdint.h>

namespace goshim {

struct PatchStats {
  int32_t patched = 0;  // entries that jump to our hooks
  int32_t refused = 0;  // found, but not of a shape we know, or the text could not be written
  int32_t unknown = 0;  // not found in libc's text
};
inline constinit PatchStats patch_stats;

}  // namespace goshim
