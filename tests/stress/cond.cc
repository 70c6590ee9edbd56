// No signal is lost. Producers signal once for each item; some consumers wait for ever, others with
// short timeouts, and one that timed out takes nothing: if it had swallowed a signal, an item would
// stay and the others sleep for good.
#include "sync/cond.h"

#include "crew.h"

namespace {

using namespace goshim;
using namespace goshim::sync;

constexpr int kProducers = 2;
constexpr int kPatient = 4;
constexpr int kHasty = 4;
constexpr int kItems = 400;

constexpr LibcMutex kNone = {nullptr, nullptr};

struct Queue {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
  pthread_cond_t taken = PTHREAD_COND_INITIALIZER;
  int items = 0;
  int producing = kProducers;

  void lock() { STRESS_CHECK(mutex_lock(as_mutex(&mutex)) == 0); }
  void unlock() { STRESS_CHECK(mutex_unlock(as_mutex(&mutex)) == 0); }
};

void produce(Queue& q, test::Random& random) {
  for (int i = 0; i < kItems; i++) {
    q.lock();
    q.items++;
    const bool inside = random.one_in(2);
    if (inside) cond_signal(as_cond(&q.ready));
    test::dawdle(random);
    q.unlock();
    if (!inside) cond_signal(as_cond(&q.ready));
    if (random.one_in(16)) {
      // Only the patient will bring it to nothing: the hasty may be away.
      q.lock();
      while (q.items != 0)
        STRESS_CHECK(cond_wait(as_cond(&q.taken), &q.mutex, Deadline::never(), kNone) == 0);
      q.unlock();
    }
  }
  q.lock();
  q.producing--;
  cond_broadcast(as_cond(&q.ready));
  q.unlock();
}

void take(Queue& q) {
  if (--q.items == 0) cond_broadcast(as_cond(&q.taken));
}

void consume(Queue& q) {
  q.lock();
  for (;;) {
    while (q.items == 0 && q.producing != 0) {
      STRESS_CHECK(cond_wait(as_cond(&q.ready), &q.mutex, Deadline::never(), kNone) == 0);
    }
    if (q.items == 0) break;
    take(q);
  }
  q.unlock();
}

void consume_hastily(Queue& q, test::Random& random) {
  for (;;) {
    q.lock();
    if (q.producing == 0) break;
    if (q.items == 0) {
      const clockid_t clock = random.one_in(2) ? CLOCK_MONOTONIC : CLOCK_REALTIME;
      const timespec ts = test::in_us(clock, random.below(100));
      const int error = cond_timedwait(as_cond(&q.ready), &q.mutex, clock, &ts, kNone);
      STRESS_CHECK(error == 0 || error == ETIMEDOUT);
      if (error == 0 && q.items > 0) take(q);
    }
    q.unlock();
    test::dawdle(random);
  }
  q.unlock();
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "cond");
  test::start_crew();
  while (stress.next()) {
    Queue q;
    test::run_crew(kProducers + kPatient + kHasty, test::some_kernel_threads(stress, 4),
                   stress.random().next(), [&](int index, test::Random& random) {
                     switch (index % 5) {
                       case 0:
                         produce(q, random);
                         break;
                       case 1:
                       case 2:
                         consume(q);
                         break;
                       default:
                         consume_hastily(q, random);
                         break;
                     }
                   });
    STRESS_CHECK(q.items == 0);
    STRESS_CHECK(as_cond(&q.ready)->waiters.load_relaxed() == 0);
  }
  return 0;
}
