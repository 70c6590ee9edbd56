// goshim_layout: where readers outside of the process find what (include/goshim/layout.h says how they read it).
//
// In writable data, although nobody writes it: a core file has only what differs from files.
#include <stddef.h>

#include "arch/amd64/context.h"
#include "base/file_stats.h"
#include "base/patch_stats.h"
#include "goshim/layout.h"
#include "sched/sched.h"
#include "sched/wait_reason.h"
#include "thread/thread.h"
#include "trace/ring.h"

namespace goshim {

struct LayoutOf {
  static constexpr size_t kRunqHead = offsetof(RunQueue<kRunqLen>, head_);
  static constexpr size_t kRunqTail = offsetof(RunQueue<kRunqLen>, tail_);
  static constexpr size_t kRunqNext = offsetof(RunQueue<kRunqLen>, next_);
};

namespace {

static_assert(static_cast<int>(GStatus::kIdle) == GOSHIM_G_IDLE);
static_assert(static_cast<int>(GStatus::kRunnable) == GOSHIM_G_RUNNABLE);
static_assert(static_cast<int>(GStatus::kRunning) == GOSHIM_G_RUNNING);
static_assert(static_cast<int>(GStatus::kSyscall) == GOSHIM_G_PROGRAM);
static_assert(static_cast<int>(GStatus::kWaiting) == GOSHIM_G_WAITING);
static_assert(static_cast<int>(GStatus::kDead) == GOSHIM_G_DEAD);
static_assert(static_cast<int>(GKind::kG0) == GOSHIM_G_OF_M);
static_assert(static_cast<int>(GKind::kNormal) == GOSHIM_G_NORMAL);
static_assert(static_cast<int>(GKind::kForeign) == GOSHIM_G_FOREIGN);
static_assert(static_cast<int>(GKind::kWired) == GOSHIM_G_WIRED);

constexpr uint32_t waits_on(WaitReason r) {
  switch (r) {
    case WaitReason::kFdRead:
    case WaitReason::kFdWrite:
    case WaitReason::kAccept:
    case WaitReason::kConnect:
    case WaitReason::kEpollWait:
      return GOSHIM_ON_FD;
    case WaitReason::kPoll:
    case WaitReason::kSelect:
      return GOSHIM_ON_FDS;
    case WaitReason::kMutexLock:
      return GOSHIM_ON_MUTEX;
    case WaitReason::kRwlockRead:
    case WaitReason::kRwlockWrite:
      return GOSHIM_ON_RWLOCK;
    case WaitReason::kCondWait:
    case WaitReason::kSemWait:
    case WaitReason::kBarrierWait:
    case WaitReason::kOnce:
    case WaitReason::kSpinLock:
    case WaitReason::kFutex:
      return GOSHIM_ON_ADDRESS;
    case WaitReason::kJoin:
      return GOSHIM_ON_G;
    default:
      return GOSHIM_ON_NOTHING;
  }
}

constinit goshim_wait_reason reasons[] = {
#define X(name, text) {text, waits_on(WaitReason::name)},
    GS_WAIT_REASONS(X)
#undef X
};

constinit goshim_counter counters[] = {
#define GS_NUMBER(name, kind, object) \
  { name, kind, sizeof(object), &(object) }
    GS_NUMBER("goroutines", GOSHIM_GAUGE, sched.gcount),
    GS_NUMBER("maxprocs", GOSHIM_GAUGE, sched.gomaxprocs),
    GS_NUMBER("idle_procs", GOSHIM_GAUGE, sched.npidle),
    GS_NUMBER("threads", GOSHIM_GAUGE, sched.mcount),
    GS_NUMBER("spinning_threads", GOSHIM_GAUGE, sched.nmspinning),
    GS_NUMBER("idle_threads", GOSHIM_GAUGE, sched.nmidle),
    GS_NUMBER("runqueue", GOSHIM_GAUGE, sched.globrunq_size),
    GS_NUMBER("polling", GOSHIM_GAUGE, sched.polling),
    GS_NUMBER("thread_wakeups", GOSHIM_COUNTER, sched.wakeups),
    GS_NUMBER("steals", GOSHIM_COUNTER, sched.steals),
    GS_NUMBER("handoffs", GOSHIM_COUNTER, sched.handoffs),
    GS_NUMBER("retakes_blocked", GOSHIM_COUNTER, sched.retakes_blocked),
    GS_NUMBER("retakes_unseen", GOSHIM_COUNTER, sched.retakes_unseen),
    GS_NUMBER("retakes_hog", GOSHIM_COUNTER, sched.retakes_hog),
    GS_NUMBER("polls", GOSHIM_COUNTER, sched.polls),
    GS_NUMBER("polled", GOSHIM_COUNTER, sched.polled),
    GS_NUMBER("files_at_once", GOSHIM_COUNTER, file_stats.at_once),
    GS_NUMBER("files_by_ring", GOSHIM_COUNTER, file_stats.by_ring),
    GS_NUMBER("files_blocked", GOSHIM_COUNTER, file_stats.blocked),
    GS_NUMBER("fsyncs_shared", GOSHIM_COUNTER, file_stats.shared),
    GS_NUMBER("children_by_ring", GOSHIM_COUNTER, file_stats.children),
    GS_NUMBER("libc_patched", GOSHIM_GAUGE, patch_stats.patched),
    GS_NUMBER("libc_left_alone", GOSHIM_GAUGE, patch_stats.refused),
    GS_NUMBER("libc_not_found", GOSHIM_GAUGE, patch_stats.unknown),
#undef GS_NUMBER
};

}  // namespace

}  // namespace goshim

using namespace goshim;

#define GS_AT(type, field) static_cast<uint16_t>(offsetof(type, field))

extern "C" {

[[gnu::visibility("default")]] constinit struct goshim_memory_layout goshim_layout = {
    .magic = GOSHIM_LAYOUT_MAGIC,
    .version = GOSHIM_LAYOUT_VERSION,
    .size = sizeof(struct goshim_memory_layout),
    .library = GOSHIM_VERSION,
    .started = &sched.started,
    .now = &sched.coarse_now,
    .nprocs = &sched.nallp,
    .allp = static_cast<const void*>(sched.allp),
    .allm = &sched.allm,
    .allgs = &allgs,
    .main_thread = &main_thread,
    .counters = static_cast<const goshim_counter*>(counters),
    .reasons = static_cast<const goshim_wait_reason*>(reasons),
    .counter_count = sizeof counters / sizeof counters[0],
    .reason_count = sizeof reasons / sizeof reasons[0],
    .g = {.size = sizeof(G),
          .kind = GS_AT(G, kind),
          .status = GS_AT(G, status),
          .goid = GS_AT(G, goid),
          .tid = GS_AT(G, tid),
          .tcb = GS_AT(G, tcb),
          .context = GS_AT(G, ctx),
          .m = GS_AT(G, m),
          .stack_lo = GS_AT(G, stack.stack_lo),
          .stack_hi = GS_AT(G, stack.stack_hi),
          .wait_reason = GS_AT(G, wait_reason),
          .wait_on = GS_AT(G, wait_on),
          .wait_since = GS_AT(G, wait_since),
          .park_word = GS_AT(G, park_word),
          .cpu_used = GS_AT(G, cpu_used),
          .thread = GS_AT(G, thread),
          .all_next = GS_AT(G, all_link)},
    .thread = {.size = sizeof(Thread), .name = GS_AT(Thread, name)},
    .m = {.size = sizeof(M),
          .id = GS_AT(M, id),
          .tid = GS_AT(M, tid),
          .g0 = GS_AT(M, g0),
          .curg = GS_AT(M, curg),
          .blocking = GS_AT(M, blocking),
          .spinning = GS_AT(M, spinning),
          .wired = GS_AT(M, wired),
          .all_next = GS_AT(M, all_link)},
    .p = {.size = sizeof(P),
          .id = GS_AT(P, id),
          .word = GS_AT(P, word),
          .schedtick = GS_AT(P, schedtick),
          .runq_head = static_cast<uint16_t>(offsetof(P, runq) + LayoutOf::kRunqHead),
          .runq_tail = static_cast<uint16_t>(offsetof(P, runq) + LayoutOf::kRunqTail),
          .runq_next = static_cast<uint16_t>(offsetof(P, runq) + LayoutOf::kRunqNext),
          .timers = GS_AT(P, timers.len)},
    .context = {.size = kContextSize,
                .rip = kContextRip,
                .rbp = kContextRbp,
                .rbx = kContextRbx,
                .r12 = kContextR12,
                .r13 = kContextR13,
                .r14 = kContextR14,
                .r15 = kContextR15},
    .trace_on = &trace::control,
    .trace_rings = &trace::rings,
};

}  // extern "C"
