#include "sched/cpu_clock.h"

#include "os/clock.h"
#include "sched/sched.h"
#include "sched/tls.h"

namespace goshim {

namespace {

int64_t my_clock() { return os::clock_ns(CLOCK_THREAD_CPUTIME_ID); }

// The clock of the M that runs gp, seen from anywhere; -1 when none does.
int64_t clock_of_m(G* gp) {
  if (gp == getg()) return my_clock();
  M* mp =
      gp->m;  // racy: Ms are never freed, and a wrong one costs an inexact answer about a moving target
  if (mp == nullptr) return -1;
  return os::clock_ns(os::thread_cpu_clock(mp->tid.load_relaxed()));
}

}  // namespace

void cpu_clock_start(G* gp) { gp->cpu_mark.store_relaxed(my_clock()); }

void cpu_clock_stop(G* gp) {
  const int64_t mark = gp->cpu_mark.load_relaxed();  // relaxed: written by the M that runs it
  if (mark >= 0) gp->cpu_used.store_relaxed(gp->cpu_used.load_relaxed() + my_clock() - mark);
  gp->cpu_mark.store_relaxed(-1);
}

int64_t g_cpu_time(G* gp) {
  const int64_t now = clock_of_m(gp);
  if (gp->cpu_counted.exchange_relaxed(true) == false) {
    gp->cpu_used.store_relaxed(0);
    gp->cpu_mark.store_relaxed(now);
  }
  const int64_t mark = gp->cpu_mark.load_relaxed();
  const int64_t used = gp->cpu_used.load_relaxed();
  return mark >= 0 && now >= mark ? used + now - mark : used;
}

}  // namespace goshim
