// link: -lgoshim
// Locks under standard guards, WaitGroup, Once, timers, contexts.
#include <goshim/goshim.hpp>

#include "check.h"

#include <mutex>
#include <shared_mutex>

using namespace std::chrono_literals;

int main() {
  goshim::wait_group wg;
  goshim::mutex m;
  goshim::cond c;
  goshim::rwmutex rw;
  int count = 0;
  for (int i = 0; i < 20; i++) {
    wg.go([&] {
      {
        std::shared_lock reading(rw);
        goshim::yield();
      }
      std::lock_guard guard(m);
      if (++count == 20) c.broadcast();
    });
  }
  {
    std::lock_guard guard(m);
    c.wait(m, [&] { return count == 20; });
  }
  wg.wait();
  // Also when it leaves by Goexit.
  wg.go([] { goshim::goexit(); });
  wg.wait();
  goshim::once once;
  try {
    once([] { throw 3; });
    CHECK(!"reached");
  } catch (int e) {
    CHECK_EQ(e, 3);
  }
  once([] { CHECK(!"reached"); });
  goshim::ticker tick(1ms);
  for (int i = 0; i < 3; i++) CHECK(tick.c().recv());
  goshim::timer late(10s);
  CHECK(late.stop());
  goshim::chan<int> fired(0);
  auto f = goshim::after_func(1ms, [fired] { fired.send(1); });
  CHECK(fired.recv() == 1);
  f.reset(1ms);
  CHECK(fired.recv() == 1);
  f.reset(10s);
  CHECK(f.stop());
  CHECK(goshim::after(1ms).recv());
  auto root = goshim::context::background();
  auto timed = root.with_timeout(2ms);
  auto child = timed.with_value(&wg, &m).with_cancel();
  CHECK(child.value(&wg) == &m);
  CHECK(child.deadline() && !root.deadline());
  CHECK(!child.done().recv());
  CHECK_EQ(child.err(), GOSHIM_DEADLINE_EXCEEDED);
  auto cancelled = root.with_cancel();
  cancelled.cancel();
  CHECK_EQ(cancelled.err(), GOSHIM_CANCELED);
  return 0;
}
