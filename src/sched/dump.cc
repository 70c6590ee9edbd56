// What the scheduler can say of itself: the trace line, and all Gs when something is fatally wrong.
#include "base/file_stats.h"
#include "base/log.h"
#include "base/patch_stats.h"
#include "os/clock.h"
#include "sched/sched.h"

namespace goshim {

namespace {

const char* status_name(GStatus s) {
  switch (s) {
    case GStatus::kIdle:
      return "idle";
    case GStatus::kRunnable:
      return "runnable";
    case GStatus::kRunning:
      return "running";
    case GStatus::kSyscall:
      return "running";
    case GStatus::kWaiting:
      return "waiting";
    case GStatus::kDead:
      return "dead";
  }
  return "?";
}

const char* p_status_name(PStatus s) {
  switch (s) {
    case PStatus::kIdle:
      return "idle";
    case PStatus::kRunning:
      return "running";
    case PStatus::kSyscall:
      return "program";
    case PStatus::kGcstop:
      return "stopped";
    case PStatus::kDead:
      return "dead";
  }
  return "?";
}

void dump_g(G* gp, void* now) {
  Log line(Log::kNoPrefix);
  line << "goroutine " << gp->goid << " tid " << gp->tid << " tcb "
       << static_cast<const void*>(gp->tcb) << " ["
       << (gp->kind == GKind::kForeign ? "foreign" : status_name(gp->get_status()));
  const WaitReason reason = gp->wait_reason.load_relaxed();
  if (reason != WaitReason::kNone) {
    line << ", " << wait_reason_name(reason) << ", "
         << (*static_cast<int64_t*>(now) - gp->wait_since.load_relaxed()) / 1000000 << " ms";
  }
  line << "] park " << Hex{gp->park_word.load_relaxed()};
  M* mp = gp->m;
  if (mp != nullptr) line << " m " << mp->id << " ktid " << mp->tid.load_relaxed();
}

}  // namespace

void schedtrace_line() {
  Log line;
  line << "SCHED " << os::nanotime() / 1000000
       << "ms: gomaxprocs=" << sched.gomaxprocs.load_relaxed()
       << " idleprocs=" << sched.npidle.load_relaxed() << " threads=" << sched.mcount.load_relaxed()
       << " spinningthreads=" << sched.nmspinning.load_relaxed()
       << " gs=" << sched.gcount.load_relaxed() << " polling=" << sched.polling.load_relaxed()
       << " wakeups=" << sched.wakeups.load_relaxed() << " steals=" << sched.steals.load_relaxed()
       << " handoffs=" << sched.handoffs.load_relaxed()
       << " retakes=" << sched.retakes_blocked.load_relaxed() << "+"
       << sched.retakes_unseen.load_relaxed() << "+" << sched.retakes_hog.load_relaxed()
       << " patched=" << patch_stats.patched << " files=" << file_stats.at_once.load_relaxed()
       << "+" << file_stats.by_ring.load_relaxed() << "+" << file_stats.blocked.load_relaxed()
       << "+" << file_stats.shared.load_relaxed()
       << " runqueue=" << sched.globrunq_size.load_relaxed() << " [";
  for (int32_t i = 0; i < sched.nallp.load_relaxed() && i < 16; i++)
    line << (i > 0 ? " " : "") << sched.allp[i]->runq.size();
  line << "]";
}

void dump_all() {
  if (sched.nallp.load_relaxed() == 0) return;
  schedtrace_line();
  Log(Log::kNoPrefix) << "libc: " << patch_stats.patched << " entries redirected, "
                      << patch_stats.refused << " left alone, " << patch_stats.unknown
                      << " not found";
  for (int32_t i = 0; i < sched.nallp.load_relaxed(); i++) {
    P* pp = sched.allp[i];
    const uint64_t w = pp->word.load_relaxed();
    Log(Log::kNoPrefix) << "P" << pp->id << " " << p_status_name(p_status(w)) << " m " << p_mid(w)
                        << " schedtick " << pp->schedtick.load_relaxed() << " runq "
                        << pp->runq.size();
  }
  int64_t now = os::nanotime();
  for_each_g(&dump_g, &now);
}

}  // namespace goshim
