#include "sched/timer.h"

#include <algorithm>
#include <vector>

#include <criterion/criterion.h>

#include "base/rand.h"
#include "sched/sched.h"

using namespace goshim;

namespace {

// Ps and heaps, but no M and no sysmon: timers run when we say so.
TimerHeap* one_heap() {
  cr_assert(schedinit(1, false) == nullptr);
  // An M "polls", far from any deadline of ours: nobody is to be woken.
  sched.polling.store_relaxed(1);
  sched.poll_until.store_relaxed(INT64_MIN);
  return &sched.allp[0]->timers;
}

struct Fired {
  size_t index;
  uint64_t seq;
};
std::vector<Fired> fired;
void record(const Due* due, int n) {
  for (int i = 0; i < n; i++) fired.push_back({reinterpret_cast<size_t>(due[i].arg), due[i].seq});
}

}  // namespace

Test(timer, random_operations_agree_with_a_model) {
  constexpr size_t kTimers = 600;  // the heap grows twice
  TimerHeap* h = one_heap();
  static Timer timers[kTimers];
  static bool in[kTimers];
  Rand rand;
  int64_t now = 1000;
  uint64_t seq = 0;
  for (int step = 0; step < 30000; step++) {
    const size_t i = rand.below(kTimers);
    Timer& t = timers[i];
    const uint32_t what = rand.below(16);
    if (what == 0) {
      now += rand.below(400);
      fired.clear();
      const int64_t next = timers_run(h, now);
      int64_t model_next = kNever;
      size_t due = 0;
      for (size_t k = 0; k < kTimers; k++) {
        if (!in[k]) continue;
        if (timers[k].when <= now) {
          due++;
        } else {
          model_next = std::min(model_next, timers[k].when);
        }
      }
      cr_assert(fired.size() == due);
      int64_t before = INT64_MIN;
      for (const Fired& f : fired) {
        // Due, in order, each once, with its own seq.
        cr_assert(in[f.index] && timers[f.index].when <= now && timers[f.index].seq == f.seq);
        cr_assert(timers[f.index].when >= before);
        before = timers[f.index].when;
        in[f.index] = false;
      }
      cr_assert(next == model_next && h->next_when.load_relaxed() == model_next &&
                timers_next() == model_next);
    } else if (!in[i]) {
      t.when = now + rand.below(1000);
      t.fn = &record;
      t.arg = reinterpret_cast<void*>(i);
      t.seq = ++seq;
      cr_assert(timer_add(&t));
      in[i] = true;
    } else if (what < 6) {
      cr_assert(timer_del(&t));
      in[i] = false;
      cr_assert(!timer_del(&t));
    }
  }
}

Test(timer, never_early) {
  TimerHeap* h = one_heap();
  Timer t;
  t.when = 500;
  t.fn = &record;
  timer_add(&t);
  cr_assert(timers_run(h, 499) == 500 && fired.empty());
  cr_assert(timers_run(h, 500) == kNever && fired.size() == 1);
  cr_assert(timers_run(h, 10000) == kNever && fired.size() == 1);
}

Test(timer, equal_deadlines_all_run) {
  TimerHeap* h = one_heap();
  static Timer t[50];
  for (Timer& x : t) {
    x.when = 7;
    x.fn = &record;
    timer_add(&x);
  }
  timers_run(h, 7);
  cr_assert(fired.size() == 50);
}

Test(timer, del_of_what_was_never_added_is_false) {
  one_heap();
  Timer t;
  cr_assert(!timer_del(&t));
}

namespace {

Timer again;
void add_again(const Due* due, int) {
  const uint64_t n = due->seq;
  fired.push_back({0, n});
  if (n == 0) return;
  again.when += 10;
  again.seq = n - 1;
  again.arg = due->arg;
  timer_add(&again);
}

}  // namespace

Test(timer, a_timer_may_be_added_again_by_its_own_function) {
  TimerHeap* h = one_heap();
  again.when = 100;
  again.fn = &add_again;
  again.seq = 5;
  timer_add(&again);
  timers_run(h, 125);  // 100, 110, 120
  cr_assert(fired.size() == 3);
  timers_run(h, 1000);
  cr_assert(fired.size() == 6);
}

Test(timer, del_of_the_first_moves_the_next_deadline) {
  TimerHeap* h = one_heap();
  Timer a, b;
  a.when = 10;
  b.when = 20;
  a.fn = b.fn = &record;
  timer_add(&b);
  timer_add(&a);
  cr_assert(h->next_when.load_relaxed() == 10);
  cr_assert(timer_del(&a) && h->next_when.load_relaxed() == 20);
  cr_assert(timer_del(&b) && h->next_when.load_relaxed() == kNever);
}

Test(timer, the_timers_of_a_heap_move_to_another) {
  constexpr size_t kTimers = 700;
  TimerHeap* to = one_heap();
  static TimerHeap from;
  static Timer timers[kTimers];
  Rand rand;
  for (size_t i = 0; i < kTimers; i++) {
    Timer& t = timers[i];
    t.when = 1000 + rand.below(5000);
    t.fn = &record;
    t.arg = reinterpret_cast<void*>(i);
    cr_assert(i % 4 == 0 ? timer_add(&t) : timer_add_to(&from, &t));
  }
  timers_adopt(&from, to);
  cr_assert(from.next_when.load_relaxed() == kNever);
  for (size_t i = 0; i < kTimers; i += 5) cr_assert(timer_del(&timers[i]));
  fired.clear();
  cr_assert(timers_run(&from, 100000) == kNever && fired.empty());
  cr_assert(timers_run(to, 100000) == kNever);
  cr_assert(fired.size() == kTimers - kTimers / 5);
  for (size_t i = 1; i < fired.size(); i++)
    cr_assert(timers[fired[i - 1].index].when <= timers[fired[i].index].when);
}
