// The number of Ps changes all the time under Gs that yield, sleep, hand over, compute and block. Nobody is lost, no timer
// is early or forgotten, every element sent is received, and the number asked for last is what there is in the end.
#include "chan/hchan.h"
#include "crew.h"
#include "sched/syscall.h"

namespace {

using namespace goshim;
using namespace goshim::chan;

constexpr int kWorkers = 10;
constexpr int kSteps = 60;
constexpr int kMost = 9;

struct Round {
  hchan* c = nullptr;
  Atomic<int64_t> sent, received;
  Atomic<int> busy{kWorkers};
};

int64_t within(test::Random& random, uint32_t ns) { return os::nanotime() + random.below(ns); }

void sleep_some(test::Random& random) {
  const int64_t until = within(random, 300000);
  gosleep(until);
  STRESS_CHECK(os::nanotime() >= until);
}

void compute(int64_t until) {
  while (os::nanotime() < until) {
  }
}

void step(Round& r, test::Random& random) {
  int64_t v = 1;
  switch (random.below(6)) {
    case 0:
      return goyield();
    case 1:
      return sleep_some(random);
    case 2:
      return compute(within(random, 100000));
    case 3:
      blocking([] { return os::sys(SYS_sched_yield); }, true);
      return;
    case 4:
      // The timers of these go out of their heap before they are due, perhaps of another heap than they went into.
      if (chansend(r.c, &v, within(random, 200000)) == Op::kDone) r.sent.fetch_add_relaxed(1);
      return;
    default:
      if (chanrecv(r.c, &v, within(random, 200000)) == Op::kDone) r.received.fetch_add_relaxed(v);
      return;
  }
}

void resize(Round& r, test::Random& random) {
  while (r.busy.load_relaxed() > 0) {
    const int was = procresize(1 + static_cast<int>(random.below(kMost)));
    STRESS_CHECK(was >= 1 && was <= kMost);
    if (random.one_in(2)) sleep_some(random);
  }
}

// Sooner or later those that are too many are gone: each is given up at its holder's next turn, or sysmon takes it.
void settle(int n) {
  for (int64_t end = os::nanotime() + 20'000'000'000; sched.nprocs.load_relaxed() != n;) {
    STRESS_CHECK(os::nanotime() < end);
    gosleep(os::nanotime() + 100000);
  }
  check_invariants();
  for (int i = 0; i < sched.nallp.load_relaxed(); i++) {
    const P* pp = sched.allp[i];
    const bool dead = p_status(pp->word.load_relaxed()) == PStatus::kDead;
    STRESS_CHECK(dead == (i >= n) && (!dead || pp->runq.is_empty()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "sched_procresize");
  test::start_crew();
  procresize(4);
  while (stress.next()) {
    Round r;
    r.c = makechan(sizeof(int64_t), stress.random().below(3));
    STRESS_CHECK(r.c != nullptr);
    // The first of the crew are kernel threads now and then: those resize as well as Gs do.
    test::run_crew(kWorkers + 2, test::some_kernel_threads(stress, 1), stress.random().next(),
                   [&](int index, test::Random& random) {
                     if (index < 2) return resize(r, random);
                     for (int i = 0; i < kSteps; i++) step(r, random);
                     r.busy.fetch_sub_relaxed(1);
                   });
    int64_t v;
    while (chanrecv(r.c, &v, kNow) == Op::kDone) r.received.fetch_add_relaxed(v);
    STRESS_CHECK(r.sent.load_relaxed() == r.received.load_relaxed());
    chan_unref(r.c);
    const int n = 1 + static_cast<int>(stress.random().below(kMost));
    procresize(n);
    settle(n);
  }
  return 0;
}
