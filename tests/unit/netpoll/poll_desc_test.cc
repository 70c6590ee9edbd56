#include "netpoll/poll_desc.h"

#include <criterion/criterion.h>
#include <poll.h>

#include "os/clock.h"

using namespace goshim;

namespace {

Wake outcome(FdWaiter& w) { return gopark(w.ticket, WaitReason::kTest, os::nanotime()); }

void event(PollDesc& pd, uint32_t events) {
  GList woken;
  pd.lock.lock();
  pd_event_locked(pd, events, woken);
  pd.lock.unlock();
  goready_all(woken);
}

bool enqueue(PollDesc& pd, Dir dir, FdWaiter* w) {
  w->ticket = park_prepare();
  pd.lock.lock();
  const bool ok = pd_enqueue_locked(pd, dir, w);
  pd.lock.unlock();
  if (!ok) park_cancel(w->ticket);
  return ok;
}

void init() { os::clock_init(); }

}  // namespace

TestSuite(poll_desc, .init = init);

Test(poll_desc, an_edge_after_the_snapshot_refuses_the_waiter) {
  PollDesc pd;
  FdWaiter w;
  w.seen = pd.snapshot(kRead);
  event(pd, POLLIN);
  cr_assert_not(enqueue(pd, kRead, &w));
  w.seen = pd.snapshot(kRead);
  cr_assert(enqueue(pd, kRead, &w));
  pd_dequeue(pd, kRead, &w);
  park_cancel(w.ticket);
}

Test(poll_desc, an_edge_wakes_its_direction_only) {
  PollDesc pd;
  FdWaiter w;
  cr_assert(enqueue(pd, kRead, &w));
  event(pd, POLLOUT);
  cr_assert(w.linked);
  cr_assert_eq(pd.snapshot(kRead), 0u);
  cr_assert_eq(pd.snapshot(kWrite), 1u);
  event(pd, POLLIN);
  cr_assert(pd.waiters[kRead].is_empty());
  cr_assert(outcome(w) == Wake::kUnparked);
}

Test(poll_desc, a_lone_reader_that_is_over_is_unlinked) {
  PollDesc pd;
  FdWaiter w;
  cr_assert(enqueue(pd, kRead, &w));
  park_cancel(w.ticket);  // its claim is lost
  event(pd, POLLIN);
  cr_assert(pd.waiters[kRead].is_empty());
  cr_assert_not(w.linked);
  pd_dequeue(pd, kRead, &w);
  w.seen = pd.snapshot(kRead);
  cr_assert(enqueue(pd, kRead, &w));
  event(pd, POLLIN);
  cr_assert(outcome(w) == Wake::kUnparked);
}

Test(poll_desc, who_stays_behind_is_woken) {
  PollDesc pd;
  FdWaiter gone, stays;
  cr_assert(enqueue(pd, kRead, &gone));
  park_cancel(gone.ticket);
  cr_assert(enqueue(pd, kRead, &stays));
  pd_dequeue(pd, kRead, &gone);
  event(pd, POLLIN);
  cr_assert(pd.waiters[kRead].is_empty());
  cr_assert(outcome(stays) == Wake::kUnparked);
}

Test(poll_desc, hangup_ends_every_wait) {
  PollDesc pd;
  FdWaiter w;
  cr_assert(enqueue(pd, kWrite, &w));
  event(pd, POLLHUP);
  cr_assert(outcome(w) == Wake::kUnparked);
  cr_assert(pd.snapshot(kRead) == 1 && pd.snapshot(kWrite) == 1);
}

Test(poll_desc, a_waiter_that_is_over_is_passed_over) {
  PollDesc pd;
  FdWaiter gone, second;
  cr_assert(enqueue(pd, kRead, &gone));
  park_cancel(gone.ticket);  // its claim is lost
  cr_assert(enqueue(pd, kRead, &second));
  event(pd, POLLIN);
  cr_assert_not(gone.linked);
  cr_assert(outcome(second) == Wake::kUnparked);
  cr_assert_not(second.others_wait);
}

Test(poll_desc, close_tells_the_waiter) {
  PollDesc pd;
  FdWaiter w;
  cr_assert(enqueue(pd, kRead, &w));
  GList woken;
  pd.lock.lock();
  pd_wake_all_locked(pd, Wake::kClosed, woken);
  pd.lock.unlock();
  goready_all(woken);
  cr_assert(outcome(w) == Wake::kClosed);
}
