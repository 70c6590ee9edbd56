// The end of a thread against joiners that give up, come back, and come two at a time: whoever
// joins last gets the result, nobody sleeps for ever, and nobody gets a thread twice.
#include <cerrno>

#include "os/clock.h"
#include "runtime.h"
#include "sched/park.h"
#include "stress.h"

namespace {

using namespace goshim;

constexpr int kJoiners = 3;

struct Arena {
  uint64_t seed = 0;
  Atomic<G*> target;
  Atomic<uint32_t> joined;
  Atomic<uint32_t> index;
};

void* short_life(void* arg) {
  const auto ns = static_cast<int64_t>(reinterpret_cast<uintptr_t>(arg));
  if (ns > 0) gosleep(os::nanotime() + ns);
  return arg;
}

// Joins with short timeouts until somebody has got it. EINVAL: another joiner is waiting.
void* joiner(void* arg) {
  auto* a = static_cast<Arena*>(arg);
  test::Random random(a->seed + a->index.fetch_add_relaxed(1));
  while (a->target.load_acquire() == nullptr) goyield();
  while (a->joined.load_acquire() == 0) {
    const int64_t deadline = os::nanotime() + random.below(30000);
    void* result = nullptr;
    // The G has no other life before all joiners are through: nobody makes a thread meanwhile.
    const int err = random.one_in(8) ? thread_tryjoin(a->target.load_relaxed(), &result)
                                     : thread_join(a->target.load_relaxed(), &result, deadline);
    if (err == 0) {
      STRESS_CHECK(a->joined.fetch_add_acq_rel(1) == 0);
      return result;
    }
    STRESS_CHECK(err == EBUSY || err == ETIMEDOUT || err == EINVAL || err == ESRCH);
    if (err == ETIMEDOUT) STRESS_CHECK(os::nanotime() >= deadline);
    if (random.one_in(2)) goyield();
  }
  return nullptr;
}

// The last joiner waits without a timeout; others may have come and gone.
void race(test::Stress& stress) {
  Arena a;
  a.seed = stress.random().next();
  void* life = reinterpret_cast<void*>(static_cast<uintptr_t>(stress.random().below(100000) | 1));
  G* joiners[kJoiners];
  for (auto& gp : joiners) gp = test::go(&joiner, &a);
  a.target.store_release(test::go(&short_life, life));
  int results = 0;
  for (G* gp : joiners) {
    void* r = test::join(gp);
    if (r != nullptr) {
      STRESS_CHECK(r == life);
      results++;
    }
  }
  STRESS_CHECK(results == 1 && a.joined.load_relaxed() == 1);
}

struct Twice {
  Atomic<G*> target;
  Atomic<uint32_t> winners, losers;
};

void* join_for_ever(void* arg) {
  auto* t = static_cast<Twice*>(arg);
  while (t->target.load_acquire() == nullptr) goyield();
  void* result = nullptr;
  const int err = thread_join(t->target.load_relaxed(), &result, kNever);
  STRESS_CHECK(err == 0 || err == EINVAL || err == ESRCH);
  if (err == 0) STRESS_CHECK(result != nullptr);
  (err == 0 ? t->winners : t->losers).fetch_add_relaxed(1);
  return nullptr;
}

// Two that join without a timeout: one is told EINVAL, the other gets the result.
void twice(test::Stress& stress) {
  Twice t;
  G* gs[kJoiners];
  for (auto& gp : gs) gp = test::go(&join_for_ever, &t);
  const uintptr_t life = 1 + stress.random().below(50000);
  t.target.store_release(test::go(&short_life, reinterpret_cast<void*>(life)));
  for (G* gp : gs) test::join(gp);
  STRESS_CHECK(t.winners.load_relaxed() == 1 && t.losers.load_relaxed() == kJoiners - 1);
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "sched_join_race");
  test::start_runtime();
  while (stress.next()) {
    race(stress);
    twice(stress);
  }
  return 0;
}
