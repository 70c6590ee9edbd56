// Semaphores: what is posted is taken, by timed waits too; one whose wait has returned may destroy
// the semaphore while the post is still on its way out. Barriers: nobody passes early, and the
// first through may destroy them.
#include "sync/sem.h"

#include <cerrno>

#include "crew.h"
#include "sync/barrier.h"

namespace {

using namespace goshim;
using namespace goshim::sync;

constexpr int kWorkers = 8;
constexpr int kTimes = 300;

void posts_are_taken(test::Stress& stress) {
  sem_t sem = {};
  Atomic<int64_t> inside;
  for (int i = 0; i < 3; i++) STRESS_CHECK(sem_release(as_sem(&sem)) == 0);
  test::run_crew(kWorkers, test::some_kernel_threads(stress, 3), stress.random().next(),
                 [&](int, test::Random& random) {
                   for (int i = 0; i < kTimes; i++) {
                     int error = 0;
                     if (random.one_in(3)) {
                       const timespec ts = test::in_us(CLOCK_REALTIME, random.below(100));
                       error = sem_timed_acquire(as_sem(&sem), CLOCK_REALTIME, &ts);
                     } else {
                       error = sem_acquire(as_sem(&sem), Deadline::never());
                     }
                     STRESS_CHECK(error == 0 || error == -ETIMEDOUT);
                     if (error != 0) continue;
                     STRESS_CHECK(inside.fetch_add_relaxed(1) < 3);
                     test::dawdle(random);
                     inside.fetch_sub_relaxed(1);
                     STRESS_CHECK(sem_release(as_sem(&sem)) == 0);
                   }
                 });
  STRESS_CHECK(as_sem(&sem)->data.load_relaxed() == 3);  // and nobody waits
}

// Pairs: one waits on a semaphore on its own stack, which is gone when it has returned.
void destroyed_after_wait(test::Stress& stress) {
  struct Slot {
    Atomic<sem_t*> sem;
  };
  Slot slots[kWorkers / 2];
  test::run_crew(kWorkers, 0, stress.random().next(), [&](int index, test::Random& random) {
    Slot& slot = slots[index / 2];
    for (int i = 0; i < kTimes; i++) {
      if (index % 2 == 0) {
        auto* sem = new sem_t{};
        slot.sem.store_release(sem);
        test::dawdle(random);
        STRESS_CHECK(sem_acquire(as_sem(sem), Deadline::never()) == 0);
        delete sem;
      } else {
        sem_t* sem;
        while ((sem = slot.sem.exchange_acquire(nullptr)) == nullptr) goyield();
        test::dawdle(random);
        STRESS_CHECK(sem_release(as_sem(sem)) == 0);
      }
    }
  });
}

void barriers(test::Stress& stress) {
  constexpr int kRounds = 50;
  pthread_barrier_t* barrier[kRounds];
  for (pthread_barrier_t*& b : barrier) {
    b = new pthread_barrier_t{};
    as_barrier(b)->count = kWorkers;
  }
  Atomic<int64_t> arrived, serial;
  test::run_crew(kWorkers, test::some_kernel_threads(stress, 2), stress.random().next(),
                 [&](int, test::Random& random) {
                   for (int i = 0; i < kRounds; i++) {
                     test::dawdle(random);
                     arrived.fetch_add_relaxed(1);
                     const int r = barrier_wait(as_barrier(barrier[i]));
                     STRESS_CHECK(arrived.load_relaxed() >= int64_t{kWorkers} * (i + 1));
                     if (r != PTHREAD_BARRIER_SERIAL_THREAD) continue;
                     serial.fetch_add_relaxed(1);
                     delete barrier[i];
                   }
                 });
  STRESS_CHECK(serial.load_relaxed() == kRounds);
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "sem");
  test::start_crew();
  while (stress.next()) {
    posts_are_taken(stress);
    destroyed_after_wait(stress);
    barriers(stress);
  }
  return 0;
}
