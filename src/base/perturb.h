// GS_PERTURB("file.window") marks a window that a comment calls dangerous. With GOSHIM_DEBUG=perturb=SEED the M
// sometimes spins, yields its core or sleeps there, so that the other side of the race gets a chance to be first.
// Without it: one load and a branch.
#pragma once

#include "base/debugvars.h"

namespace goshim {

[[gnu::cold, gnu::noinline]] void perturb(const char* point);

}  // namespace goshim

#define GS_PERTURB(point)                                                            \
  do {                                                                               \
    if (__builtin_expect(::goshim::debug.perturb != 0, 0)) ::goshim::perturb(point); \
  } while (0)
