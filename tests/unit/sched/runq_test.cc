#include "sched/runq.h"

#include <criterion/criterion.h>

using namespace goshim;

namespace {

G gs[64];

template <uint32_t kLen>
void put_n(RunQueue<kLen>& q, int from, int n, GList& overflow) {
  for (int i = 0; i < n; i++) q.put(&gs[from + i], false, overflow);
}

// Moves head and tail to `at` without leaving anything.
template <uint32_t kLen>
void turn(RunQueue<kLen>& q, uint32_t at) {
  GList none;
  for (uint32_t i = 0; i < at; i++) {
    q.put(&gs[63], false, none);
    cr_assert(q.get() == &gs[63]);
  }
}

}  // namespace

Test(runq, ring_is_first_in_first_out) {
  RunQueue<4> q;
  GList overflow;
  cr_assert(q.is_empty() && q.get() == nullptr);
  for (int round = 0; round < 10; round++) {
    put_n(q, 0, 4, overflow);
    cr_assert(q.size() == 4 && !q.is_empty());
    for (int i = 0; i < 4; i++) cr_assert(q.get() == &gs[i]);
    cr_assert(q.is_empty());
  }
  cr_assert(overflow.is_empty());
}

Test(runq, the_hot_one_comes_first_and_kicks_the_one_before) {
  RunQueue<4> q;
  GList overflow;
  q.put(&gs[0], false, overflow);
  q.put(&gs[1], true, overflow);
  q.put(&gs[2], true, overflow);  // gs[1] goes to the tail
  cr_assert(q.size() == 3);
  cr_assert(q.get() == &gs[2]);
  cr_assert(q.get() == &gs[0]);
  cr_assert(q.get() == &gs[1]);
  cr_assert(q.get() == nullptr);
}

Test(runq, the_hot_slot_does_not_starve_the_ring) {
  RunQueue<4> q;
  GList overflow;
  q.put(&gs[0], false, overflow);
  int before = 0;
  for (;; before++) {
    q.put(&gs[1], true, overflow);
    if (q.get() == &gs[0]) break;
    cr_assert_lt(before, 1000);
  }
  cr_assert_eq(before, 64);
  // With an empty ring there is nobody to starve.
  for (int i = 0; i < 1000; i++) {
    cr_assert(q.get() == &gs[1]);
    q.put(&gs[1], true, overflow);
  }
}

Test(runq, a_full_ring_gives_half_away) {
  RunQueue<4> q;
  GList overflow;
  turn(q, 3);
  put_n(q, 0, 5, overflow);
  // The older half and the one that did not fit.
  cr_assert(overflow.pop_front() == &gs[0]);
  cr_assert(overflow.pop_front() == &gs[1]);
  cr_assert(overflow.pop_front() == &gs[4]);
  cr_assert(overflow.is_empty());
  cr_assert(q.get() == &gs[2]);
  cr_assert(q.get() == &gs[3]);
  cr_assert(q.get() == nullptr);
}

Test(runq, a_kicked_hot_one_may_overflow_too) {
  RunQueue<4> q;
  GList overflow;
  put_n(q, 0, 4, overflow);
  q.put(&gs[10], true, overflow);
  cr_assert(overflow.is_empty());
  q.put(&gs[11], true, overflow);
  cr_assert(overflow.size() == 3);
  cr_assert(q.get() == &gs[11]);
}

Test(runq, a_thief_takes_the_older_half_rounded_up) {
  for (uint32_t at = 0; at < 8; at++) {
    for (int n = 1; n <= 4; n++) {
      RunQueue<4> victim, thief;
      GList overflow;
      turn(victim, at);     // so that the victim's ring wraps
      turn(thief, 7 - at);  // and the thief's
      put_n(victim, 0, n, overflow);
      const int half = n - n / 2;
      G* run = thief.steal(victim, false);
      // It runs the last of its share and queues the rest in order.
      cr_assert(run == &gs[half - 1]);
      cr_assert(thief.size() == static_cast<uint32_t>(half - 1));
      for (int i = 0; i < half - 1; i++) cr_assert(thief.get() == &gs[i]);
      for (int i = half; i < n; i++) cr_assert(victim.get() == &gs[i]);
      cr_assert(victim.is_empty() && thief.is_empty());
    }
  }
}

Test(runq, the_hot_one_is_stolen_only_on_demand_and_last) {
  RunQueue<4> victim, thief;
  GList overflow;
  victim.put(&gs[0], true, overflow);
  cr_assert(thief.steal(victim, false) == nullptr);
  victim.put(&gs[1], false, overflow);
  cr_assert(thief.steal(victim, true) == &gs[1]);
  cr_assert(thief.steal(victim, true) == &gs[0]);
  cr_assert(thief.steal(victim, true) == nullptr);
  cr_assert(victim.is_empty() && thief.is_empty());
}

Test(runq, indices_may_pass_their_limit) {
  // 32 bits of index wrap after 4 billion; the arithmetic is the same near any power of two.
  RunQueue<8> q;
  GList overflow;
  turn(q, (1u << 16) - 3);
  put_n(q, 0, 8, overflow);
  for (int i = 0; i < 8; i++) cr_assert(q.get() == &gs[i]);
}

Test(runq, reset_in_a_forked_child_forgets_all) {
  RunQueue<4> q;
  GList overflow;
  put_n(q, 0, 3, overflow);
  q.put(&gs[3], true, overflow);
  q.reset_after_fork();
  cr_assert(q.is_empty() && q.size() == 0 && q.get() == nullptr);
}
