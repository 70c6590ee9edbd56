#include "sync/parking_lot.h"

#include <criterion/criterion.h>
#include <pthread.h>

#include "base/debugvars.h"
#include "os/clock.h"

using namespace goshim;
using namespace goshim::sync;

namespace {

void init() {
  os::clock_init();
  options_init();
}

const auto yes = [](Lot&) { return true; };

struct Parker {
  Key key;
  uint32_t bitset = UINT32_MAX;
  Deadline deadline = Deadline::never();
  pthread_t thread = {};
  Atomic<uint32_t> queued;
  Parked parked = {};
  bool requeued = false;

  explicit Parker(Key k, uint32_t bits = UINT32_MAX) : key(k), bitset(bits) {}

  // Returns when it is in the queue.
  void start() {
    pthread_create(&thread, nullptr, &run, this);
    while (queued.load_acquire() == 0) goyield();
  }
  ParkResult join() {
    pthread_join(thread, nullptr);
    return parked.result;
  }
  static void* run(void* p) {
    auto* self = static_cast<Parker*>(p);
    Waiter w(WaitReason::kTest);
    w.bitset = self->bitset;
    self->parked = park(w, self->key, self->deadline, yes, [self] {
      self->queued.store_release(1);
      return true;
    });
    self->requeued = w.requeued;
    return nullptr;
  }
};

int object[4];
Key key(int i) { return Key::of(&object[i], Kind::kFutex); }

}  // namespace

TestSuite(parking_lot, .init = init);

Test(parking_lot, nobody_is_there) {
  cr_assert_eq(unpark(key(0), 10), 0);
  const Requeued r = unpark_requeue(key(0), key(1), 1, 10);
  cr_assert(r.valid && r.woken == 0 && r.moved == 0);
}

Test(parking_lot, does_not_wait_for_nothing) {
  Waiter w(WaitReason::kTest);
  const Parked p = park(w, key(0), Deadline::never(), [](Lot&) { return false; });
  cr_assert(p.result == ParkResult::kInvalid);
  const Parked q = park(w, key(0), Deadline::never(), yes, [] { return false; });
  cr_assert(q.result == ParkResult::kInvalid && !w.linked);
  cr_assert_eq(unpark(key(0), 1), 0);
}

Test(parking_lot, a_back_out_that_was_chosen_says_so) {
  Waiter w(WaitReason::kTest);
  const Parked p = park(w, key(0), Deadline::never(), yes, [] {
    cr_assert_eq(unpark(key(0), 1), 1);
    return false;
  });
  cr_assert(p.result == ParkResult::kUnparked);
}

Test(parking_lot, never_early) {
  Waiter w(WaitReason::kTest);
  const Deadline deadline = Deadline::in(3000000);
  const Parked p = park(w, key(0), deadline, yes);
  cr_assert(p.result == ParkResult::kTimedOut && deadline.has_passed() && !w.linked);
}

Test(parking_lot, first_come_first_served) {
  Parker a(key(0)), b(key(0)), c(key(0));
  for (Parker* p : {&a, &b, &c}) p->start();
  {
    Lot lot(key(0));
    Waiter* w = lot.first(key(0));
    const Ticket first = w->ticket, second = Lot::next(w)->ticket;
    cr_assert_neq(first.gp, second.gp);
    cr_assert(lot.unpark(w, Token::kHandoff));
    cr_assert_eq(lot.first(key(0))->ticket.gp, second.gp);
  }
  cr_assert(a.join() == ParkResult::kUnparked && a.parked.token == Token::kHandoff);
  cr_assert_eq(unpark(key(0), 5), 2);
  cr_assert(b.join() == ParkResult::kUnparked && c.join() == ParkResult::kUnparked);
}

Test(parking_lot, bitsets_choose) {
  Parker a(key(0), 1), b(key(0), 2);
  a.start();
  b.start();
  cr_assert_eq(unpark(key(0), 5, Token::kNone, 4), 0);
  cr_assert_eq(unpark(key(0), 5, Token::kNone, 2), 1);
  b.join();
  cr_assert_eq(unpark(key(0), 5, Token::kNone, 3), 1);
  a.join();
}

Test(parking_lot, requeue_moves_and_keeps_the_order) {
  Parker a(key(0)), b(key(0)), c(key(0));
  for (Parker* p : {&a, &b, &c}) p->start();
  cr_assert_not(unpark_requeue(key(0), key(1), 1, 9, [] { return false; }).valid);
  const Requeued r = unpark_requeue(key(0), key(1), 1, 9);
  cr_assert(r.valid && r.woken == 1 && r.moved == 2);
  a.join();
  cr_assert_not(a.requeued);
  cr_assert_eq(unpark(key(0), 5), 0);
  cr_assert_eq(unpark(key(1), 1), 1);
  cr_assert(b.join() == ParkResult::kUnparked && b.requeued);
  cr_assert_eq(unpark(key(1), 1), 1);
  c.join();
}

Test(parking_lot, a_requeued_waiter_still_times_out) {
  Parker a(key(0));
  a.deadline = Deadline::in(20000000);
  a.start();
  cr_assert_eq(unpark_requeue(key(0), key(1), 0, 1).moved, 1);
  cr_assert(a.join() == ParkResult::kTimedOut && a.requeued);
  cr_assert_eq(unpark(key(1), 1), 0);
}

Test(parking_lot, kinds_do_not_mix) {
  Parker a(Key::of(&object[0], Kind::kSem));
  a.start();
  cr_assert_eq(unpark(key(0), 1), 0);
  cr_assert_eq(unpark(Key::of(&object[0], Kind::kSem), 1), 1);
  a.join();
}
