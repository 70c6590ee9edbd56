// The run queue between its owner and thieves: every G comes out exactly once, with small rings
// that wrap, overflow and are stolen from all the time. Plain kernel threads; no runtime.
#include "sched/runq.h"

#include <pthread.h>

#include "stress.h"

namespace {

using goshim::Atomic;
using goshim::G;
using goshim::GList;
using goshim::RunQueue;

constexpr uint32_t kGs = 512;
constexpr int kThieves = 3;

// The Gs carry their number in goid; seen[] counts how often each came out.
G gs[kGs];
Atomic<uint32_t> seen[kGs];
Atomic<uint32_t> got;
Atomic<uint32_t> round_no;

void take(G* gp) {
  STRESS_CHECK(gp >= gs && gp < gs + kGs);
  // The producer's plain write must be visible to whoever takes the G out.
  STRESS_CHECK(gp->goid == round_no.load_relaxed());
  seen[gp - gs].fetch_add_relaxed(1);
  got.fetch_add_relaxed(1);
}

template <uint32_t kLen>
struct Bench {
  RunQueue<kLen> owner, thief[kThieves];
  uint64_t seed;
  int index;

  void drain(RunQueue<kLen>& q) {
    while (G* gp = q.get()) take(gp);
  }

  static void* steal_loop(void* p) {
    auto* self = static_cast<Bench*>(p);
    const int me = self->next_index.fetch_add_relaxed(1);
    goshim::test::Random random(self->seed * 31 + static_cast<uint64_t>(me));
    RunQueue<kLen>& mine = self->thief[me];
    while (got.load_relaxed() < kGs) {
      // From the owner mostly, and from each other.
      RunQueue<kLen>& victim = random.one_in(4) ? self->thief[random.below(kThieves)] : self->owner;
      if (&victim == &mine) continue;
      // Between two steals the others have a go at what we hold; we steal with an empty ring only.
      self->drain(mine);
      if (G* gp = mine.steal(victim, random.one_in(3))) take(gp);
      if (random.one_in(16)) (void)victim.is_empty();
      if (random.one_in(64)) sched_yield();
    }
    return nullptr;
  }
  Atomic<int> next_index;

  void run(uint64_t s) {
    seed = s;
    goshim::test::Random random(s);
    round_no.store_relaxed(round_no.load_relaxed() + 1);
    got.store_relaxed(0);
    for (auto& n : seen) n.store_relaxed(0);
    pthread_t threads[kThieves];
    for (auto& t : threads) STRESS_CHECK(pthread_create(&t, nullptr, &steal_loop, this) == 0);
    uint32_t put = 0;
    GList overflow;
    while (got.load_relaxed() < kGs) {
      if (put < kGs && !random.one_in(3)) {
        gs[put].goid = round_no.load_relaxed();
        owner.put(&gs[put++], random.one_in(4), overflow);
        continue;
      }
      if (G* gp = owner.get()) {
        take(gp);
      } else if (G* lost = overflow.pop_front()) {
        if (random.one_in(2)) {
          take(lost);
        } else {
          owner.put(lost, false, overflow);
        }
      } else if (put == kGs) {
        sched_yield();
      }
    }
    for (auto& t : threads) pthread_join(t, nullptr);
    for (auto& n : seen) STRESS_CHECK(n.load_relaxed() == 1);
    STRESS_CHECK(owner.is_empty() && owner.size() == 0 && overflow.is_empty());
    for (auto& q : thief) STRESS_CHECK(q.is_empty());
  }
};

}  // namespace

int main(int argc, char** argv) {
  goshim::test::Stress stress(argc, argv, "runq_thieves");
  while (stress.next()) {
    Bench<4>().run(stress.random().next());
    Bench<8>().run(stress.random().next());
    Bench<256>().run(stress.random().next());
  }
  return 0;
}
