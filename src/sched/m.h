// M: a kernel thread that runs Gs.
//
// All but the first are made by a raw clone(2): no malloc, no libc lock, so one can be started from any context. An M
// has its own stack and thread control block for g0, the context in which the scheduler runs.
#pragma once

#include <stdint.h>

#include "arch/amd64/context.h"
#include "base/atomic.h"
#include "base/list.h"
#include "base/note.h"
#include "base/rand.h"
#include "sched/g.h"

struct goshim_trace_ring;

namespace goshim {

struct P;
struct M;

// What g0 does for a G that switched to it (mcall): returns a G to continue at once, or nullptr.
using McallFn = G* (*)(M*, G*);

struct M {
  // Constant after newm.
  int32_t id = 0;
  G* g0 = nullptr;

  // The kernel thread; 0 before it runs and, by the kernel's hand, after it has exited.
  Atomic<int32_t> tid;

  // Written by the M that starts it: the thread inherits a wired thread's CPU set and policy, to be undone first.
  bool made_by_wired = false;
  G* firstg = nullptr;  // the wired G that it is made for

  // Owned by the M itself (its g0, or the G it runs).
  //
  // p: on g0, the P it holds or null. While program code runs: the P it last held, which may have been retaken;
  // only exitsyscall_fast() can tell.
  P* p = nullptr;
  Context g0_ctx = nullptr;  // where g0 continues; valid while a G runs
  McallFn mcall_fn = nullptr;
  bool spinning = false;
  uint8_t short_sleeps = 0;  // of late, less those that spinning did not save; see spinning.h
  bool wired = false;        // runs one wired G until its end
  bool odd =
      false;  // wired, and the kernel keeps something for this thread that cannot be set back
  bool forked = false;  // children may be told of its end (PR_SET_PDEATHSIG): it stays
  Rand rand;
  goshim_trace_ring* trace = nullptr;  // its events; made at the first while traced

  // What the kernel has for this thread; see G::sig_env.
  uint64_t sig_env = 0;
  uint64_t sig_kmask = kMMask;
  SigStack sig_stack;

  // The interrupt is on its way to this thread. Realtime signals are queued, not merged, and it does not block itself:
  // without this a burst of them would pile up frames. [sig.interrupt]
  Atomic<uint32_t> sig_interrupted;

  // The last change of credentials that this thread has made; [creds.seq]
  Atomic<uint32_t> creds;

  // Read by sysmon and the dump; written by the M.
  Atomic<G*> curg;
  // The declared blocking call that runs (entersyscallblock), by its number; 0: none. How long it does is sysmon's business.
  Atomic<uint32_t> blocking;
  uint32_t syscalltick = 1;  // the M's own: odd, so that no call has the number 0

  // Guarded by sched.lock while on the idle list; then owned by whoever took it off and wakes it.
  M* idle_link = nullptr;
  P* nextp = nullptr;
  bool next_spinning = false;
  Note park;

  // Guarded by sched.lock: the list of all Ms. Ms are never freed.
  M* all_link = nullptr;
};

}  // namespace goshim
