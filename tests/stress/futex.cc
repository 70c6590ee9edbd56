// A mutex and a condition variable of a program's own, made of raw futex operations, requeue
// included.
#include "sync/futex.h"

#include <linux/futex.h>

#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::sync;

constexpr int kWorkers = 8;
constexpr int kTimes = 300;

long op(uint32_t* word, int what, uint32_t val, long timeout = 0, uint32_t* word2 = nullptr,
        uint32_t val3 = 0) {
  const FutexCall call = {word, what | FUTEX_PRIVATE_FLAG, val, timeout, word2, val3};
  STRESS_CHECK(futex_is_ours(call));
  return futex(call);
}

struct Lock {
  Atomic<uint32_t> word;

  void lock(uint32_t with = 1) {
    uint32_t free = 0;
    if (with == 1 && word.cas_acquire(free, 1)) return;
    while (word.exchange_acquire(2) != 0) {
      const long r = op(word.raw(), FUTEX_WAIT, 2);
      STRESS_CHECK(r == 0 || r == -EAGAIN);
    }
  }
  void unlock() {
    if (word.exchange_release(0) == 2) STRESS_CHECK(op(word.raw(), FUTEX_WAKE, 1) <= 1);
  }
};

struct Cond {
  Atomic<uint32_t> seq;

  // True unless `ts` came first.
  bool wait(Lock& lock, const timespec* ts) {
    const uint32_t s = seq.load_relaxed();
    lock.unlock();
    const long r = op(seq.raw(), FUTEX_WAIT, s, reinterpret_cast<long>(ts));
    STRESS_CHECK(r == 0 || r == -EAGAIN || r == -ETIMEDOUT);
    lock.lock(2);
    return r != -ETIMEDOUT;
  }
  void broadcast(Lock& lock) {
    const uint32_t s = seq.fetch_add_relaxed(1) + 1;
    const long r = op(seq.raw(), FUTEX_CMP_REQUEUE, 1, INT32_MAX, lock.word.raw(), s);
    STRESS_CHECK(r >= 0 || r == -EAGAIN);
  }
};

struct Arena {
  Lock lock;
  Cond cond;
  int turn = 0;
  int64_t sum = 0;
};

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "futex");
  test::start_crew();
  while (stress.next()) {
    Arena a;
    test::run_crew(kWorkers, test::some_kernel_threads(stress, 2), stress.random().next(),
                   [&](int index, test::Random& random) {
                     for (int i = 0; i < kTimes / kWorkers; i++) {
                       a.lock.lock();
                       const timespec ts = {0, 20000};
                       while (a.turn != index)
                         a.cond.wait(a.lock, random.one_in(4) ? &ts : nullptr);
                       a.sum++;
                       a.turn = (a.turn + 1) % kWorkers;
                       // The value it compares with changes under the lock only.
                       a.cond.broadcast(a.lock);
                       a.lock.unlock();
                     }
                   });
    STRESS_CHECK(a.sum == kTimes / kWorkers * kWorkers);
  }
  return 0;
}
