// Threads park, are unparked, requeued and time out on a handful of keys: every wake-up that a
// waker counted reaches one waiter, no waiter is woken that nobody counted, and none stays behind.
#include "sync/parking_lot.h"

#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::sync;

constexpr int kKeys = 3;
constexpr int kParkers = 8;
constexpr int kWakers = 3;
constexpr int kParks = 150;

struct Arena {
  Atomic<uint64_t> counted, woken, parked;
  Atomic<int32_t> parkers{kParkers};
  int object[kKeys] = {};

  Key key(uint32_t i) { return Key::of(&object[i], Kind::kFutex); }
};

void parks(Arena& a, test::Random& random) {
  for (int i = 0; i < kParks; i++) {
    Waiter w(WaitReason::kTest);
    w.front = random.one_in(4);
    w.bitset = 1u << random.below(3);
    const bool refuse = random.one_in(10);
    const bool back_out = random.one_in(10);
    const Deadline deadline =
        random.one_in(3) ? Deadline::in(random.below(30000)) : Deadline::never();
    a.parked.fetch_add_relaxed(1);
    const Parked p = park(
        w, a.key(random.below(kKeys)), deadline, [&](Lot&) { return !refuse; },
        [&] {
          test::dawdle(random);
          return !back_out;
        });
    STRESS_CHECK(!w.linked);
    switch (p.result) {
      case ParkResult::kUnparked:
        a.woken.fetch_add_relaxed(1);
        break;
      case ParkResult::kInvalid:
        STRESS_CHECK(refuse || back_out);
        break;
      case ParkResult::kTimedOut:
        STRESS_CHECK(deadline.has_passed());
        break;
      default:
        STRESS_CHECK(false);
    }
  }
  a.parkers.fetch_sub_relaxed(1);
}

void wakes(Arena& a, test::Random& random) {
  while (a.parkers.load_relaxed() > 0) {
    const Key key = a.key(random.below(kKeys));
    int n = 0;
    switch (random.below(4)) {
      case 0:
        n = unpark(key, 1);
        break;
      case 1:
        n = unpark(key, 100, Token::kNone, 1u << random.below(3));
        break;
      case 2:
        n = unpark_requeue(key, a.key(random.below(kKeys)), static_cast<int>(random.below(2)),
                           static_cast<int>(random.below(4)))
                .woken;
        break;
      default:
        n = unpark(key, 3);
        break;
    }
    a.counted.fetch_add_relaxed(static_cast<uint64_t>(n));
    test::dawdle(random);
  }
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "parking_lot");
  test::start_crew();
  while (stress.next()) {
    Arena a;
    test::run_crew(kParkers + kWakers, test::some_kernel_threads(stress, 3), stress.random().next(),
                   [&](int index, test::Random& random) {
                     // Kernel threads are the first: parkers and wakers in turn.
                     if (index % 2 == 1 && index / 2 < kWakers) {
                       wakes(a, random);
                     } else {
                       parks(a, random);
                     }
                   });
    STRESS_CHECK(a.counted.load_relaxed() == a.woken.load_relaxed());
  }
  return 0;
}
