// Mutexes of all types, locked in every way, many threads at each; and mutexes that are freed by
// whoever is last.
#include "sync/mutex.h"

#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::sync;

constexpr int kWorkers = 10;
constexpr int kSections = 300;

// A plain counter: lost updates, and TSan, tell when two are inside.
struct Counter {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  int64_t value = 0;
  int inside = 0;

  Mutex* m() { return as_mutex(&mutex); }
};

bool lock_somehow(Mutex* m, test::Random& random) {
  switch (random.below(6)) {
    case 0:
      return mutex_trylock(m) == 0;
    case 1: {
      const timespec ts = test::in_us(CLOCK_MONOTONIC, random.below(200));
      const int error = mutex_timedlock(m, CLOCK_MONOTONIC, &ts);
      STRESS_CHECK(error == 0 || error == ETIMEDOUT);
      return error == 0;
    }
    case 2: {
      const timespec ts = test::in_us(CLOCK_REALTIME, 50);
      return mutex_timedlock(m, CLOCK_REALTIME, &ts) == 0;
    }
    default:
      STRESS_CHECK(mutex_lock(m) == 0);
      return true;
  }
}

void sections(Counter* counters, Atomic<int64_t>& done, test::Random& random) {
  for (int i = 0; i < kSections; i++) {
    Counter& c = counters[random.below(4)];
    if (!lock_somehow(c.m(), random)) continue;
    const bool twice = c.m()->kind.load_relaxed() == PTHREAD_MUTEX_RECURSIVE;
    if (twice) STRESS_CHECK(mutex_lock(c.m()) == 0);
    STRESS_CHECK(++c.inside == 1);
    c.value++;
    test::dawdle(random);
    STRESS_CHECK(--c.inside == 0);
    if (twice) STRESS_CHECK(mutex_unlock(c.m()) == 0);
    STRESS_CHECK(mutex_unlock(c.m()) == 0);
    done.fetch_add_relaxed(1);
  }
}

// Reference-counted under its own mutex: the last one frees it while the one before may still be in
// unlock.
struct Shared {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  int refs = 0;
};

void drop(Shared* s) {
  STRESS_CHECK(mutex_lock(as_mutex(&s->mutex)) == 0);
  const bool last = --s->refs == 0;
  STRESS_CHECK(mutex_unlock(as_mutex(&s->mutex)) == 0);
  if (last) delete s;
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "mutex");
  test::start_crew();
  while (stress.next()) {
    Counter counters[4];
    const int kinds[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK,
                         PTHREAD_MUTEX_ADAPTIVE_NP};
    for (int i = 0; i < 4; i++) counters[i].m()->kind.store_relaxed(kinds[i]);
    Atomic<int64_t> done;
    Shared* shared[16];
    for (Shared*& s : shared) {
      s = new Shared;
      s->refs = kWorkers;
    }
    test::run_crew(kWorkers, test::some_kernel_threads(stress, 3), stress.random().next(),
                   [&](int, test::Random& random) {
                     sections(counters, done, random);
                     for (Shared* s : shared) drop(s);
                   });
    int64_t sum = 0;
    for (Counter& c : counters) {
      sum += c.value;
      STRESS_CHECK(!mutex_is_locked(c.m()) && c.m()->nusers == 0);
    }
    STRESS_CHECK(sum == done.load_relaxed());
  }
  return 0;
}
