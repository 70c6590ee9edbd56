#include "trace/ring.h"

#include <stddef.h>

#include "arch/amd64/cycles.h"
#include "os/memory.h"

namespace goshim::trace {

// The kernel counts those attached to a probe in the 16-bit word that the probe's note names, which must lie in the file.
// The notes of all our probes name this one: not to look at each event for its own is worth more than to know which.
[[gnu::section(".probes"), gnu::used]] constinit Switch control;
#define X(name, arg)                                                 \
  __asm__(".globl goshim_" #name "_semaphore\n.hidden goshim_" #name \
          "_semaphore\n.set goshim_" #name "_semaphore, goshim_trace_control + 4");
GOSHIM_TRACE_EVENTS(X)
#undef X
static_assert(offsetof(Switch, probed) == 4);

constinit Atomic<goshim_trace_ring*> rings;

namespace {

constinit Atomic<goshim_trace_ring*> shared;  // of all that are no Ms

goshim_trace_ring* make_ring(int32_t m) {
  auto* r = static_cast<goshim_trace_ring*>(os::map_pages(sizeof(goshim_trace_ring)));
  if (r == nullptr) return nullptr;
  r->m = m;
  r->records = GOSHIM_TRACE_RECORDS;
  goshim_trace_ring* first = rings.load_acquire();  // [trace.ring]
  do {
    r->next = first;
  } while (!rings.cas_acq_rel(first, r));  // [trace.ring]
  return r;
}

goshim_trace_ring* shared_ring() {
  goshim_trace_ring* r = shared.load_relaxed();  // relaxed: its contents are zero and read by none
  if (r != nullptr) return r;
  r = make_ring(0);
  // Two at once: both rings are read, one of them stays empty.
  if (r != nullptr) shared.store_relaxed(r);
  return r;
}

}  // namespace

GS_COLD void put(goshim_trace_ring** ring, int32_t m, goshim_trace_event event, uint64_t goid,
                 uint64_t arg) {
  goshim_trace_ring* r = ring != nullptr ? *ring : shared_ring();
  if (GS_UNLIKELY(r == nullptr)) {
    if (ring == nullptr) return;
    r = *ring = make_ring(m);
    if (r == nullptr) return;
  }
  Atomic<uint64_t>& head = as_atomic(r->head);
  // relaxed: a ring of an M has one writer; in the shared one each takes a place of its own
  const uint64_t at = ring != nullptr ? head.load_relaxed() : head.fetch_add_relaxed(1);
  goshim_trace_record* rec = &r->record[at % GOSHIM_TRACE_RECORDS];
  rec->tsc = static_cast<uint64_t>(cycles());
  rec->what = goid << 8 | event;
  rec->arg = arg;
  // Stores stay in order on this machine, and the compiler keeps them so.
  if (ring != nullptr) head.store_release(at + 1);  // [trace.ring]
}

void after_fork_child() {
  control.on.store_relaxed(0);
  rings.store_relaxed(nullptr);
  shared.store_relaxed(nullptr);
}

}  // namespace goshim::trace
