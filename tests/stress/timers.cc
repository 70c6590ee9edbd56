// Sleepers by the hundred, some woken early: nobody wakes before the deadline, nobody is forgotten,
// and each wake-up is of the right episode.
#include <algorithm>

#include "os/clock.h"
#include "runtime.h"
#include "sched/park.h"
#include "sched/sleep.h"
#include "sched/timer.h"
#include "stress.h"

namespace {

using namespace goshim;

constexpr int kSleepers = 100;

struct Sleeper {
  uint64_t seed = 0;
  Atomic<uint64_t> seq;  // of an episode that may be woken early
  Atomic<G*> gp;
  Atomic<int64_t> latest{0};
};
Sleeper sleepers[kSleepers];
Atomic<uint32_t> awake;
Atomic<int64_t> worst;

void late(int64_t ns) {
  int64_t w = worst.load_relaxed();
  while (ns > w && !worst.cas_relaxed(w, ns)) {
  }
}

void* sleep_often(void* arg) {
  auto* s = static_cast<Sleeper*>(arg);
  test::Random random(s->seed);
  for (int i = 0; i < 10; i++) {
    const int64_t ns = random.one_in(8) ? random.below(10000000) : random.below(1000000);
    const int64_t deadline = os::nanotime() + ns;
    if (random.one_in(2)) {
      STRESS_CHECK(sleep_for(ns, nullptr) == 0);
      STRESS_CHECK(os::nanotime() >= deadline);
    } else {
      const Ticket t = park_prepare();
      s->gp.store_relaxed(t.gp);
      s->seq.store_release(t.seq);
      const Wake why = gopark(t, WaitReason::kTest, deadline);
      STRESS_CHECK(why == Wake::kTimeout || why == Wake::kUnparked);
      if (why == Wake::kTimeout) STRESS_CHECK(os::nanotime() >= deadline);
      if (why == Wake::kUnparked) continue;
    }
    late(os::nanotime() - deadline);
  }
  awake.fetch_add_relaxed(1);
  return nullptr;
}

// Wakes at random what it can.
void* disturb(void* arg) {
  test::Random random(*static_cast<uint64_t*>(arg));
  while (awake.load_relaxed() < kSleepers) {
    Sleeper& s = sleepers[random.below(kSleepers)];
    const uint64_t seq = s.seq.load_acquire();
    if (seq != 0) wake({s.gp.load_relaxed(), seq}, Wake::kUnparked, random.one_in(2));
    if (random.one_in(4)) {
      gosleep(os::nanotime() + random.below(100000));
    } else {
      goyield();
    }
  }
  return nullptr;
}

void round(test::Stress& stress, bool foreign) {
  awake.store_relaxed(0);
  G* gs[kSleepers];
  for (int i = 0; i < kSleepers; i++) {
    sleepers[i].seed = stress.random().next();
    sleepers[i].seq.store_relaxed(0);
    gs[i] = test::go(&sleep_often, &sleepers[i]);
  }
  uint64_t seed = stress.random().next();
  pthread_t outsider = {};
  if (foreign) outsider = test::kernel_thread(&disturb, &seed);
  G* insider = test::go(&disturb, &seed);
  for (G* gp : gs) test::join(gp);
  test::join(insider);
  if (foreign) pthread_join(outsider, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "timers");
  test::start_runtime();
  while (stress.next()) round(stress, stress.rounds() % 4 == 0);
  std::printf("worst lateness %ld us\n", static_cast<long>(worst.load_relaxed() / 1000));
  // Not a matter of speed: what sysmon has to rescue comes this late, what is lost later still.
  STRESS_CHECK(worst.load_relaxed() < int64_t{10} * os::kSecond);
  return 0;
}
