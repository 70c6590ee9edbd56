// One waiter, several wakers and a timer: exactly one of them wins each episode, and the waiter
// learns which. Tickets of ended episodes wake nobody.
#include "sched/park.h"

#include "os/clock.h"
#include "os/cpu.h"
#include "runtime.h"
#include "stress.h"

namespace {

using namespace goshim;

constexpr int kWakers = 4;
constexpr uint64_t kEpisodes = 400;

struct Arena {
  // The open episode: seq published last. 0: none yet, UINT64_MAX: over.
  Atomic<uint64_t> seq;
  Atomic<G*> waiter;
  Atomic<uint32_t> wins;
  uint64_t seed = 0;
  Atomic<uint32_t> wakers;
};

void* waker(void* arg) {
  auto* a = static_cast<Arena*>(arg);
  test::Random random(a->seed + a->wakers.fetch_add_relaxed(1));
  Ticket stale = {};
  for (;;) {
    const uint64_t seq = a->seq.load_acquire();
    if (seq == UINT64_MAX) return nullptr;
    if (seq == 0 || (stale.gp != nullptr && seq == stale.seq)) {
      goyield();
      continue;
    }
    const Ticket t = {a->waiter.load_relaxed(), seq};
    if (random.one_in(3)) goyield();
    os::procyield(random.below(400));
    // Anyone may have an old ticket. It is of an episode that was over before this one began.
    if (stale.gp != nullptr) STRESS_CHECK(!wake(stale, Wake::kUnparked));
    if (wake(t, random.one_in(2) ? Wake::kUnparked : Wake::kSignal, random.one_in(2))) {
      a->wins.fetch_add_relaxed(1);
    }
    stale = t;
  }
}

void* wait(void* arg) {
  auto* a = static_cast<Arena*>(arg);
  test::Random random(a->seed);
  uint32_t by_wakers = 0;
  for (uint64_t i = 0; i < kEpisodes; i++) {
    const Ticket me = park_prepare();
    a->waiter.store_relaxed(me.gp);
    a->seq.store_release(me.seq);
    if (random.one_in(8)) {
      if (park_cancel(me) != Wake::kNone) by_wakers++;
      continue;
    }
    if (random.one_in(8)) {
      os::procyield(random.below(2000));
    }
    const int64_t deadline = os::nanotime() + random.below(40000);
    const Wake why = gopark(me, WaitReason::kTest, deadline);
    if (why == Wake::kTimeout) {
      STRESS_CHECK(os::nanotime() >= deadline);
    } else {
      STRESS_CHECK(why == Wake::kUnparked || why == Wake::kSignal);
      by_wakers++;
    }
  }
  a->seq.store_release(UINT64_MAX);
  return reinterpret_cast<void*>(static_cast<uintptr_t>(by_wakers));
}

void round(test::Stress& stress, bool foreign_waiter, int foreign_wakers) {
  Arena a;
  a.seed = stress.random().next();
  G* gs[kWakers] = {};
  pthread_t threads[kWakers] = {};
  for (int i = 0; i < kWakers; i++) {
    if (i < foreign_wakers) {
      threads[i] = test::kernel_thread(&waker, &a);
    } else {
      gs[i] = test::go(&waker, &a);
    }
  }
  void* by_wakers = nullptr;
  if (foreign_waiter) {
    pthread_join(test::kernel_thread(&wait, &a), &by_wakers);
  } else {
    by_wakers = test::join(test::go(&wait, &a));
  }
  for (int i = 0; i < kWakers; i++) {
    if (i < foreign_wakers) {
      pthread_join(threads[i], nullptr);
    } else {
      test::join(gs[i]);
    }
  }
  STRESS_CHECK(a.wins.load_relaxed() == reinterpret_cast<uintptr_t>(by_wakers));
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "park_claim");
  test::start_runtime();
  while (stress.next()) {
    round(stress, false, 0);
    // Kernel threads leave a G behind each, for good: not in every round.
    if (stress.rounds() % 4 == 0) round(stress, stress.rounds() % 8 == 0, 2);
  }
  return 0;
}
