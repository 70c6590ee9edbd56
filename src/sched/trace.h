// The scheduler's events: to the rings when traced, and USDT probes (bpftrace -l 'usdt:libgoshim.so:*').
//
//   GS_TRACE(mp, go_park, gp->goid, arg);       mp may be null. Nothing is computed unless somebody looks.
#pragma once

#include "sched/m.h"
#include "sched/tls.h"
#include "trace/ring.h"

#if defined(GOSHIM_SDT)
#define _SDT_HAS_SEMAPHORES 1  // trace/ring.cc has them
#include <sys/sdt.h>
extern "C" {
#define X(name, arg) [[gnu::visibility("hidden")]] extern const uint16_t goshim_##name##_semaphore;
GOSHIM_TRACE_EVENTS(X)
#undef X
}
#define GS_PROBE(event, goid, arg) STAP_PROBE2(goshim, event, goid, arg)
#else
#define GS_PROBE(event, goid, arg) static_cast<void>(0)
#endif

#define GS_TRACE(mp, event, goid, arg)                                                  \
  do {                                                                                  \
    if (trace::is_watched()) {                                                          \
      const uint64_t trace_goid = goid, trace_arg = arg;                                \
      GS_PROBE(event, trace_goid, trace_arg);                                           \
      if (trace::is_on()) trace_event(mp, GOSHIM_TRACE_##event, trace_goid, trace_arg); \
    }                                                                                   \
  } while (0)

namespace goshim {

inline void trace_event(M* mp, goshim_trace_event event, uint64_t goid, uint64_t arg) {
  trace::put(mp != nullptr ? &mp->trace : nullptr, mp != nullptr ? mp->id : 0, event, goid, arg);
}

// The M of the calling thread, or null.
inline M* trace_m() {
  const G* self = getg();
  return self != nullptr ? self->m : nullptr;
}

inline uint64_t trace_wait(const G* gp) {
  return gp->wait_on.load_relaxed() << 8 | static_cast<uint64_t>(gp->wait_reason.load_relaxed());
}

inline uint64_t trace_two(int32_t low, int32_t high) {
  return static_cast<uint64_t>(high) << 32 | static_cast<uint32_t>(low);
}

}  // namespace goshim
