// Rings of event records, one for each M (format and protocol: include/goshim/trace_format.h).
//
// Nothing is here until somebody traces: a tool writes 1 to `on` from outside (or GOSHIM_TRACE=1), and each M makes its
// ring at its next event. Rings are never freed; an M that ends leaves its ring to who uses the M next.
//
// Orders:
//   [trace.ring]  a ring is linked (release) -> the next to link one acquires the list. Readers are other processes.
#pragma once

#include <stdint.h>

#include "base/atomic.h"
#include "base/check.h"
#include "goshim/trace_format.h"

namespace goshim::trace {

// In a line of its own, that nobody writes while the process runs alone. Read as one word: not zero if anybody looks.
struct alignas(64) Switch {
  Atomic<uint32_t> on;  // the rings are written
  Atomic<uint16_t>
      probed;  // how many are attached to USDT probes: the kernel counts, for all probes together
  uint16_t unused = 0;
  uint64_t rest[7] = {};
};
static_assert(sizeof(Switch) == 64);
extern Switch control __asm__("goshim_trace_control");
extern Atomic<goshim_trace_ring*> rings;  // [trace.ring]

// relaxed: requests, of no order with anything
inline bool is_watched() {
  uint64_t* const both = reinterpret_cast<uint64_t*>(&control);
  return GS_UNLIKELY(as_atomic(*both).load_relaxed() != 0);
}
inline bool is_on() { return control.on.load_relaxed() != 0; }

// Adds a record to *ring, which belongs to the calling M and is made if it is null; with `ring` null to the ring that all
// other threads share.
void put(goshim_trace_ring** ring, int32_t m, goshim_trace_event event, uint64_t goid,
         uint64_t arg);

// The child of a fork is not traced, and has no Ms yet.
void after_fork_child();

}  // namespace goshim::trace
