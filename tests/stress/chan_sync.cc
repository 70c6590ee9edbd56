// WaitGroup, RWMutex, Once, Cond, timers and contexts against each other: what a lock guards is plain memory, so that
// ThreadSanitizer sees whether it does.
#include "chan/context.h"
#include "chan/goroutine.h"
#include "chan/gosync.h"
#include "chan/gotimer.h"
#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::chan;

constexpr int kWorkers = 10;

struct Round {
  WaitGroup wg = {};
  RWMutex rw = {};
  GoMutex m = {};
  Once once = {};
  GoCond turned = {};
  Ctx* root = nullptr;
  long guarded = 0;  // by rw
  long sum = 0;      // by rw
  int made = 0;      // by once
  int turn = 0;      // by m
  Atomic<int> fired, stopped;
};

void make_it(void* p) { static_cast<Round*>(p)->made++; }

void count_fired(void* p) {
  static_cast<Round*>(p)->fired.fetch_add_release(1);  // [test.fired]
}

void use_rwmutex(Round& r, test::Random& random) {
  for (int i = 0; i < 40; i++) {
    if (random.one_in(4)) {
      rw_lock(&r.rw);
      r.guarded++;
      test::dawdle(random);
      r.sum++;
      rw_unlock(&r.rw);
    } else {
      rw_rlock(&r.rw);
      STRESS_CHECK(r.guarded == r.sum);
      test::dawdle(random);
      rw_runlock(&r.rw);
    }
  }
}

void take_turns(Round& r, int index) {
  gomutex_lock(&r.m);
  while (r.turn % kWorkers != index) gocond_wait(&r.turned, &r.m);
  r.turn++;
  gomutex_unlock(&r.m);
  gocond_broadcast(&r.turned);
}

void use_timers(Round& r, test::Random& random) {
  for (int i = 0; i < 5; i++) {
    GoTimer* f = timer_func(random.below(30000), &count_fired, &r);
    GoTimer* t = timer_new(random.below(30000), random.one_in(2) ? 10000 : 0);
    STRESS_CHECK(f != nullptr && t != nullptr);
    test::dawdle(random);
    if (random.one_in(2)) timer_reset(t, 1 + random.below(20000));
    int64_t at;
    if (random.one_in(2)) STRESS_CHECK(chanrecv(t->c, &at) == Op::kDone);
    timer_stop(t);
    STRESS_CHECK(chanlen(t->c) == 0);
    timer_unref(t);
    if (timer_stop(f)) r.stopped.fetch_add_relaxed(1);
    timer_unref(f);
  }
}

void use_contexts(Round& r, test::Random& random) {
  for (int i = 0; i < 10; i++) {
    Ctx* a = random.one_in(2) ? ctx_with_cancel(r.root)
                              : ctx_with_deadline(r.root, os::nanotime() + random.below(20000));
    Ctx* b = ctx_with_cancel(a);
    test::dawdle(random);
    if (random.one_in(2)) ctx_cancel(a, CtxErr::kCanceled);
    if (random.one_in(8)) ctx_cancel(r.root, CtxErr::kCanceled);
    ctx_unref(a);
    if (ctx_err(b) != CtxErr::kNone) STRESS_CHECK(chanrecv(b->done, nullptr) == Op::kClosed);
    ctx_unref(b);
  }
}

void work(Round& r, int index, test::Random& random) {
  once_do(&r.once, &make_it, &r);
  STRESS_CHECK(r.made == 1);
  use_rwmutex(r, random);
  use_timers(r, random);
  use_contexts(r, random);
  take_turns(r, index);
  wg_add(&r.wg, -1);
  if (index % 3 == 0) wg_wait(&r.wg);
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "chan_sync");
  test::start_crew();
  while (stress.next()) {
    Round r;
    r.root = ctx_with_cancel(ctx_background());
    wg_add(&r.wg, kWorkers);
    test::run_crew(kWorkers, test::some_kernel_threads(stress, 3), stress.random().next(),
                   [&](int index, test::Random& random) { work(r, index, random); });
    STRESS_CHECK(r.guarded == r.sum && r.turn == kWorkers && r.made == 1);
    // Each function was either stopped or is called, once.
    // [test.fired]
    while (r.fired.load_acquire() + r.stopped.load_relaxed() < 5 * kWorkers) goyield();
    STRESS_CHECK(r.fired.load_relaxed() + r.stopped.load_relaxed() == 5 * kWorkers);
    ctx_unref(r.root);
  }
  return 0;
}
