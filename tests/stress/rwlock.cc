// Readers and writers of all kinds of rwlock, with timeouts: writers are alone, nobody is
// forgotten.
#include "sync/rwlock.h"

#include <cerrno>

#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::sync;

constexpr int kWorkers = 10;
constexpr int kSections = 300;

struct Arena {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  Atomic<int32_t> readers;
  int64_t a = 0, b = 0;  // equal unless a writer is inside

  Rwlock* rw() { return as_rwlock(&lock); }
};

bool enter(Arena& arena, bool write, test::Random& random) {
  int error = 0;
  switch (random.below(4)) {
    case 0:
      error = write ? rwlock_trywrlock(arena.rw()) : rwlock_tryrdlock(arena.rw());
      break;
    case 1: {
      const timespec ts = test::in_us(CLOCK_MONOTONIC, random.below(100));
      error = write ? rwlock_timedwrlock(arena.rw(), CLOCK_MONOTONIC, &ts)
                    : rwlock_timedrdlock(arena.rw(), CLOCK_MONOTONIC, &ts);
      break;
    }
    default:
      error = write ? rwlock_wrlock(arena.rw()) : rwlock_rdlock(arena.rw());
      STRESS_CHECK(error == 0);
  }
  STRESS_CHECK(error == 0 || error == EBUSY || error == ETIMEDOUT);
  return error == 0;
}

void work(Arena& arena, test::Random& random) {
  for (int i = 0; i < kSections; i++) {
    const bool write = random.one_in(3);
    if (!enter(arena, write, random)) continue;
    if (write) {
      STRESS_CHECK(arena.readers.load_relaxed() == 0);
      arena.a++;
      test::dawdle(random);
      arena.b++;
      STRESS_CHECK(rwlock_wrlock(arena.rw()) == EDEADLK);
    } else {
      arena.readers.fetch_add_relaxed(1);
      STRESS_CHECK(arena.a == arena.b);
      test::dawdle(random);
      STRESS_CHECK(arena.a == arena.b);
      arena.readers.fetch_sub_relaxed(1);
    }
    STRESS_CHECK(rwlock_unlock(arena.rw()) == 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "rwlock");
  test::start_crew();
  while (stress.next()) {
    Arena arena;
    arena.rw()->flags = stress.random().below(3);
    test::run_crew(kWorkers, test::some_kernel_threads(stress, 3), stress.random().next(),
                   [&](int, test::Random& random) { work(arena, random); });
    STRESS_CHECK(arena.a == arena.b);
    STRESS_CHECK(arena.rw()->state.load_relaxed() == 0);
  }
  return 0;
}
