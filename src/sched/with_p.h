// The P of whoever calls, for the time of a few instructions.
#pragma once

#include "sched/sched.h"
#include "sched/tls.h"

namespace goshim {

// Runs f(M with its P, or null) with the calling thread's P taken back for the time, if it has one. f does not park.
template <typename F>
[[gnu::always_inline]] inline void with_p(F f) {
  G* self = getg();
  if (self == nullptr || self->m == nullptr) {
    f(nullptr);
    return;
  }
  M* mp = self->m;
  if (self->kind == GKind::kG0) {
    f(mp);
    return;
  }
  const bool mine = exitsyscall_fast(mp);
  f(mp);
  if (mine) entersyscall(mp);
}

inline P* p_of(M* mp) { return mp != nullptr ? mp->p : nullptr; }

}  // namespace goshim
